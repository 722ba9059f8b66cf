// Runs and series by TensorBoard's names: a run is its path below the logdir, a series is a tag of
// one plugin. Reads the store; each function is one snapshot.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace spirogram::web::tensorboard {

// By start, then by name; runs that have none yet last. The order of /data/runs.
Result<std::vector<store::Run>> ReadRunsByStart(store::Store& store);

Result<std::map<store::RunId, std::string>> ReadRunNames(store::Store& store);

// Run name -> its series that `wants` accepts, by tag name. Runs without one are left out.
using SeriesByRun = std::map<std::string, std::vector<store::Tag>>;
Result<SeriesByRun> ReadSeries(store::Store& store,
                               const std::function<bool(const store::Tag&)>& wants);
Result<SeriesByRun> ReadSeriesOfPlugin(store::Store& store, std::string_view plugin);

// The series, or nothing when the run or its tag is missing or of another plugin. A nullptr, for a
// parameter that was not given, finds nothing.
Result<std::optional<store::Tag>> FindSeries(store::Store& store, const std::string* run,
                                             const std::string* tag, std::string_view plugin);

}  // namespace spirogram::web::tensorboard
