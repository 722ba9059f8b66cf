// Old, odd and modern summaries in one modern form. What TensorBoard's two loaders disagree on is
// decided here: histograms are trimmed by the Python loader's rule but stay float64; scalars may
// have any numeric dtype. Stateless. An Error says what is wrong with the value; the caller skips
// it and warns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/event_parser.h"

namespace spirogram::store {

inline constexpr std::string_view kEmbeddingMetadataPlugin = "spirogram_embedding_metadata";
inline constexpr std::string_view kProfileNotePlugin = "spirogram_profile_note";

// What the first event of a tag says of it; later ones are read by it.
struct TagInfo {
  DataKind kind = DataKind::kOther;
  std::string plugin;
  std::string display_name;
  std::string description;
  std::string content;
};
TagInfo ClassifyValue(const ParsedValue& value);

Result<double> ToScalar(const ParsedValue& value);
Result<Histogram> ToHistogram(const ParsedValue& value);  // step and wall_time are the caller's
// The error of ToHistogram for kHistogram, for a fiftieth of its time.
Status CheckOldHistogram(std::string_view bytes);
Result<Text> ToText(const ParsedValue& value);

// The TensorProto of a value of a plugin that this version does not know, as it was logged.
Result<std::string> ToTensorBytes(const ParsedValue& value);

struct EncodedImages {
  int64_t width = 0;
  int64_t height = 0;
  std::vector<std::string_view> images;
};
Result<EncodedImages> ToImages(const ParsedValue& value);

Result<Embedding> ToEmbedding(const ParsedValue& value);
Result<EmbeddingMetadata> ToEmbeddingMetadata(const ParsedValue& value, std::string_view content);
Result<EntityStats> ToEntityStats(const ParsedValue& value, std::string_view content);
Result<ProfileSlices> ToProfileSlices(const ParsedValue& value);
Result<std::string> ToProfileNote(const ParsedValue& value);

}  // namespace spirogram::store
