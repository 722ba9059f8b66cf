#include <utility>

#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/long_series.h"
#include "web/tensorboard/pattern.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

// The scalar series of a run whose tags the pattern matches from their start on.
Result<std::vector<store::Tag>> FindMatches(const Call& call, const std::string& run_name,
                                            const Pattern& pattern) {
  std::vector<store::Tag> matches;
  ASSIGN_OR_RETURN(const auto run, call.store().FindRun(run_name));
  if (!run) return matches;
  ASSIGN_OR_RETURN(std::vector<store::Tag> tags, call.store().ReadTags({&*run, 1}));
  for (store::Tag& tag : tags) {
    if (tag.plugin != "scalars" || tag.count == 0 || !pattern.MatchesStart(tag.name)) continue;
    matches.push_back(std::move(tag));
  }
  return matches;
}

}  // namespace

Result<Response> HandleCustomScalars(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  auto pattern = tag == nullptr || tag->empty() ? Result<Pattern>(InvalidArgument("no pattern"))
                                                : Pattern::Compile(*tag);
  std::vector<store::Tag> matches;
  if (pattern.ok() && run != nullptr) {
    ASSIGN_OR_RETURN(matches, FindMatches(call, *run, *pattern));
  }
  int64_t points = 0;
  for (const store::Tag& match : matches) points += match.count;
  LongAnswer long_answer(call.store());
  JsonWriter json;
  json.BeginObject();
  json.Field("regex_valid", pattern.ok());
  json.Key("tag_to_events");
  json.BeginObject();
  for (const store::Tag& match : matches) {
    json.Key(match.name);
    RETURN_IF_ERROR(points >= kLongSeriesPoints
                        ? long_answer.AddSeries(match, PointForm::kList, &json)
                        : WriteEveryPoint(call.store(), match, PointForm::kList, &json));
  }
  json.EndObject();
  json.EndObject();
  if (points >= kLongSeriesPoints) return std::move(long_answer).Finish(&json);
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
