#include "web/tensorboard/catalog.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

namespace spirogram::web::tensorboard {
namespace {

// A run of which nothing was read has no start yet.
double SortKey(const store::Run& run) {
  return run.start_time == 0 ? std::numeric_limits<double>::infinity() : run.start_time;
}

}  // namespace

Result<std::vector<store::Run>> ReadRunsByStart(store::Store& store) {
  ASSIGN_OR_RETURN(std::vector<store::Run> runs, store.ReadRuns());
  std::sort(runs.begin(), runs.end(), [](const store::Run& a, const store::Run& b) {
    return std::make_tuple(SortKey(a), std::string_view(a.name)) <
           std::make_tuple(SortKey(b), std::string_view(b.name));
  });
  return runs;
}

Result<std::map<store::RunId, std::string>> ReadRunNames(store::Store& store) {
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  std::map<store::RunId, std::string> names;
  for (const store::Run& run : runs) names.emplace(run.id, run.name);
  return names;
}

Result<SeriesByRun> ReadSeries(store::Store& store,
                               const std::function<bool(const store::Tag&)>& wants) {
  // Tags first: a run that begins between the two reads is then missing as a whole.
  ASSIGN_OR_RETURN(std::vector<store::Tag> tags, store.ReadTags({}));
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  std::unordered_map<store::RunId, const std::string*> names;
  for (const store::Run& run : runs) names.emplace(run.id, &run.name);
  SeriesByRun series;
  for (store::Tag& tag : tags) {
    const auto name = names.find(tag.run);
    if (name == names.end() || tag.count == 0 || !wants(tag)) continue;
    series[*name->second].push_back(std::move(tag));
  }
  return series;
}

Result<SeriesByRun> ReadSeriesOfPlugin(store::Store& store, std::string_view plugin) {
  return ReadSeries(store, [&](const store::Tag& tag) { return tag.plugin == plugin; });
}

Result<std::optional<store::Tag>> FindSeries(store::Store& store, const std::string* run,
                                             const std::string* tag, std::string_view plugin) {
  if (run == nullptr || tag == nullptr) return std::optional<store::Tag>();
  ASSIGN_OR_RETURN(const std::optional<store::RunId> found, store.FindRun(*run));
  if (!found) return std::optional<store::Tag>();
  ASSIGN_OR_RETURN(std::optional<store::Tag> series, store.FindTag(*found, *tag));
  if (series && (series->plugin != plugin || series->count == 0)) series.reset();
  return series;
}

}  // namespace spirogram::web::tensorboard
