// The messages of TensorBoard's hparams plugin (proto/hparams.proto), which stand in the plugin
// content of the tags _hparams_/experiment, _hparams_/session_start_info and
// _hparams_/session_end_info. Parsed by hand like the events around them (plugin_content.h says
// why). Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/answers.h"
#include "store/hparams.h"

namespace spirogram::store {

struct SessionStartInfo {
  Hparams hparams;  // sorted by name
  std::string model_uri;
  std::string monitor_url;
  std::string group_name;
  double start_time = 0;
};

struct SessionEndInfo {
  HparamsStatus status = HparamsStatus::kUnknown;
  double end_time = 0;
};

// At most one of the three is set: an empty content sets none.
struct HparamsMessage {
  std::optional<HparamsExperiment> experiment;  // run is the caller's
  std::optional<SessionStartInfo> start;
  std::optional<SessionEndInfo> end;
};
Result<HparamsMessage> ParseHparamsMessage(std::string_view content);

// Both are of the same one of the three, and so of one tag.
bool HasSameParts(const HparamsMessage& a, const HparamsMessage& b);

}  // namespace spirogram::store
