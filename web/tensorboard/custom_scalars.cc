#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/pattern.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

// The scalar series of a run whose tags the pattern matches from their start on.
Status WriteMatches(const Call& call, const std::string& run_name, const Pattern& pattern,
                    JsonWriter* json) {
  ASSIGN_OR_RETURN(const auto run, call.store().FindRun(run_name));
  if (!run) return {};
  ASSIGN_OR_RETURN(const auto tags, call.store().ReadTags({&*run, 1}));
  for (const store::Tag& tag : tags) {
    if (tag.plugin != "scalars" || tag.count == 0 || !pattern.MatchesStart(tag.name)) continue;
    json->Key(tag.name);
    RETURN_IF_ERROR(WriteEveryPoint(call.store(), tag, PointForm::kList, json));
  }
  return {};
}

}  // namespace

Result<Response> HandleCustomScalars(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  auto pattern = tag == nullptr || tag->empty() ? Result<Pattern>(InvalidArgument("no pattern"))
                                                : Pattern::Compile(*tag);
  JsonWriter json;
  json.BeginObject();
  json.Field("regex_valid", pattern.ok());
  json.Key("tag_to_events");
  json.BeginObject();
  if (pattern.ok() && run != nullptr) {
    RETURN_IF_ERROR(WriteMatches(call, *run, *pattern, &json));
  }
  json.EndObject();
  json.EndObject();
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
