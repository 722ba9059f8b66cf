// The messages inside plugin contents and string tensors: Spirogram's own (proto/spirogram.proto).
// TensorBoard's stand in hparams_content.h, plot_value.h and audio_value.h. Parsed by hand like the
// events around them: libprotobuf refuses a whole message for one name that is not valid UTF-8, and
// prints to stderr besides. Stateless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

// The column names of an EmbeddingMetadataContent.
Result<std::vector<std::string>> ParseEmbeddingColumns(std::string_view content);

// Everything of the statistics but the tensor's own values.
Result<EntityStats> ParseEntityStatsContent(std::string_view content);

// Checks that the columns are of one length, and every kind and name known.
Result<ProfileSlices> ParseProfileSlices(std::string_view message);

}  // namespace spirogram::store
