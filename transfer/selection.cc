#include "transfer/selection.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kRegexBytesMax = 4096;

// An expression that is searched for in names. RE2 takes time linear in the name, whatever the
// expression: std::regex has neither that bound nor one of its stack.
class Filter {
 public:
  static Result<Filter> Make(const std::string& what, const std::string& regex) {
    Filter filter;
    if (regex.empty()) return filter;
    if (regex.size() > kRegexBytesMax) {
      return InvalidArgument(StrCat(what, ": got an expression of ", regex.size(),
                                    " bytes, want at most ", kRegexBytesMax));
    }
    RE2::Options options;
    options.set_log_errors(false);
    filter.regex_ = std::make_unique<RE2>(regex, options);
    if (filter.regex_->ok()) return filter;
    return InvalidArgument(
        StrCat(what, ": ", Quoted(regex), " is no regular expression: ", filter.regex_->error()));
  }

  bool Fits(const std::string& name) const {
    return regex_ == nullptr || RE2::PartialMatch(name, *regex_);
  }

 private:
  std::unique_ptr<RE2> regex_;
};

// Many are read at once; one by one those that are in no list, which are deleted.
Result<std::vector<store::Run>> ReadById(store::Store& store,
                                         const std::vector<store::RunId>& ids) {
  std::map<store::RunId, store::Run> listed;
  if (ids.size() > 1) {
    ASSIGN_OR_RETURN(std::vector<store::Run> all, store.ReadRuns());
    for (store::Run& run : all) listed.emplace(run.id, std::move(run));
  }
  std::vector<store::Run> runs;
  for (const store::RunId id : ids) {
    if (!listed.contains(id)) {
      ASSIGN_OR_RETURN(listed[id], store.ReadRun(id));
    }
    runs.push_back(listed[id]);
  }
  return runs;
}

}  // namespace

Result<std::vector<store::Run>> SelectRuns(store::Store& store, const ExportQuery& query) {
  ASSIGN_OR_RETURN(const Filter filter, Filter::Make("run", query.run_regex));
  ASSIGN_OR_RETURN(std::vector<store::Run> runs,
                   query.runs.empty() ? store.ReadRuns() : ReadById(store, query.runs));
  std::erase_if(runs, [&](const store::Run& run) { return !filter.Fits(run.name); });
  const auto key = [](const store::Run& run) { return std::tie(run.name, run.id); };
  std::sort(runs.begin(), runs.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto is_same = [](const store::Run& a, const store::Run& b) { return a.id == b.id; };
  runs.erase(std::unique(runs.begin(), runs.end(), is_same), runs.end());
  if (runs.empty()) return NotFound("no run fits the query");
  return runs;
}

Result<std::vector<RunSelection>> Select(store::Store& store, const ExportQuery& query,
                                         bool scalars_only) {
  ASSIGN_OR_RETURN(const Filter filter, Filter::Make("tag", query.tag_regex));
  ASSIGN_OR_RETURN(std::vector<store::Run> runs, SelectRuns(store, query));
  std::vector<store::RunId> ids;
  ids.reserve(runs.size());
  for (const store::Run& run : runs) ids.push_back(run.id);
  ASSIGN_OR_RETURN(std::vector<store::Tag> tags, store.ReadTags(ids));
  std::map<store::RunId, std::vector<store::Tag>> by_run;
  for (store::Tag& tag : tags) {
    if (scalars_only && tag.kind != store::DataKind::kScalar) continue;
    if (query.tag && tag.name != *query.tag) continue;
    if (filter.Fits(tag.name)) by_run[tag.run].push_back(std::move(tag));
  }
  std::vector<RunSelection> selection;
  for (store::Run& run : runs) {
    auto& chosen = by_run[run.id];
    if (!chosen.empty()) selection.push_back({std::move(run), std::move(chosen)});
  }
  if (selection.empty()) {
    return NotFound(scalars_only ? "no scalar of the runs fits the query"
                                 : "no tag of the runs fits the query");
  }
  return selection;
}

}  // namespace spirogram::transfer
