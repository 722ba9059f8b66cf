// Logged values to Summary.Value protos: the encodings of docs/formats.md, one function for each
// kind. Pure functions; they set everything but the tag and leave to the caller whether metadata is
// kept.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logger/item.h"
#include "proto/summary.pb.h"

namespace spirogram::logger {

inline constexpr std::string_view kSessionStartTag = "_hparams_/session_start_info";
inline constexpr std::string_view kSessionEndTag = "_hparams_/session_end_info";
inline constexpr std::string_view kProfileTag = "profile";
inline constexpr std::string_view kProfileNoteTag = "profile/note";

// A number that float32 would tell as infinite, or as 0. All others lose digits at most, and stay
// where every reader of event files looks for a scalar.
bool IsLostInFloat(double value);
void SetScalar(double value, proto::Summary::Value* out);
void SetHistogram(const BucketedValues& values, proto::Summary::Value* out);
void SetText(const TextItem& text, proto::Summary::Value* out);
Status SetImage(const ImageItem& image, proto::Summary::Value* out);
void SetEmbedding(const EmbeddingItem& embedding, proto::Summary::Value* out);
void SetEmbeddingMetadata(const EmbeddingMetadata& metadata, proto::Summary::Value* out);
void SetEntityStats(const EntityStats& stats, proto::Summary::Value* out);
void SetProfile(std::span<const ProfileSlice> slices, proto::Summary::Value* out);
void SetProfileNote(const ProfileNoteItem& note, proto::Summary::Value* out);
void SetSessionStart(const HparamsItem& hparams, WallTime start_time, proto::Summary::Value* out);
void SetSessionEnd(EndStatus status, WallTime end_time, proto::Summary::Value* out);

}  // namespace spirogram::logger
