// The values of the table `records` as bytes, before the envelope of blob_codec.h. Each begins with
// a format byte, 1. Numbers are little-endian; a vector is its uint64 length and its elements; a
// string is its uint64 length and its bytes. Images, audio clips, graphs, layouts
// and tensors of unknown plugins are kept as they were logged; a part of a mesh is packed
// float32, int32 or uint8 triples. Histograms: histogram_codec.h.
//
//   text                shape i64 vector, u64 count, strings
//   PR curve            seven f64 vectors, in the order of PrCurve
//   embedding           values f32 vector (rows and dims stand in the table)
//   embedding metadata  u64 columns; per column: name, u64 rows, strings
//   entity stats        i64 first step, u8 entity, i64 entities, f64 samples, u64 columns;
//                       per column: name, f32 vector; u64 attributes; per attribute: two strings
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/answers.h"
#include "store/pr_curve.h"

namespace spirogram::store {

std::string EncodeText(const Text& text);
Result<Text> DecodeText(std::string_view bytes);

std::string EncodePrCurve(const PrCurve& curve);
Result<PrCurve> DecodePrCurve(std::string_view bytes);

std::string EncodeEmbeddingValues(const std::vector<float>& values);
Result<std::vector<float>> DecodeEmbeddingValues(std::string_view bytes);

std::string EncodeEmbeddingMetadata(const EmbeddingMetadata& metadata);
Result<EmbeddingMetadata> DecodeEmbeddingMetadata(std::string_view bytes);

std::string EncodeEntityStats(const EntityStats& stats);
Result<EntityStats> DecodeEntityStats(std::string_view bytes);

}  // namespace spirogram::store
