// The messages inside plugin contents and string tensors: hyperparameters (proto/hparams.proto) and
// Spirogram's own (proto/spirogram.proto). Parsed by hand like the events around them: libprotobuf
// refuses a whole message for one name that is not valid UTF-8, and prints to stderr besides.
// Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

struct SessionInfo {
  std::optional<Hparams> hparams;       // of a session_start_info; sorted by name
  std::optional<RunStatus> end_status;  // of a session_end_info: kFinished or kFailed
};
Result<SessionInfo> ParseSessionInfo(std::string_view content);

// The column names of an EmbeddingMetadataContent.
Result<std::vector<std::string>> ParseEmbeddingColumns(std::string_view content);

// Everything of the statistics but the tensor's own values.
Result<EntityStats> ParseEntityStatsContent(std::string_view content);

// Checks that the columns are of one length, and every kind and name known.
Result<ProfileSlices> ParseProfileSlices(std::string_view message);

}  // namespace spirogram::store
