#include <algorithm>
#include <array>
#include <span>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"

namespace spirogram::web::tensorboard {
namespace {

// How TensorBoard's pages would load a plugin.
enum class Loading { kNone, kAngular, kElement };

struct Plugin {
  std::string_view name;
  std::string_view tab_name;
  Loading loading;
  std::string_view element;  // of kElement
  bool disable_reload;
  std::vector<std::string_view> data_plugins;  // active where one of these has data
};

// In the order of TensorBoard's tabs.
const std::vector<Plugin>& Plugins() {
  static const std::vector<Plugin> plugins = {
      {"timeseries",
       "Time Series",
       Loading::kAngular,
       "",
       false,
       {"scalars", "histograms", "images"}},
      {"scalars", "scalars", Loading::kElement, "tf-scalar-dashboard", false, {"scalars"}},
      {"custom_scalars",
       "Custom Scalars",
       Loading::kElement,
       "tf-custom-scalar-dashboard",
       false,
       {"custom_scalars"}},
      {"images", "images", Loading::kElement, "tf-image-dashboard", false, {"images"}},
      {"audio", "audio", Loading::kElement, "tf-audio-dashboard", false, {"audio"}},
      {"debugger-v2", "Debugger V2", Loading::kAngular, "", false, {"debugger-v2"}},
      {"graphs",
       "graphs",
       Loading::kElement,
       "tf-graph-dashboard",
       true,
       {"graphs", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model",
        "graph_tagged_run_metadata"}},
      {"distributions",
       "distributions",
       Loading::kElement,
       "tf-distribution-dashboard",
       false,
       {"histograms"}},
      {"histograms",
       "histograms",
       Loading::kElement,
       "tf-histogram-dashboard",
       false,
       {"histograms"}},
      {"text", "text", Loading::kElement, "tf-text-dashboard", false, {"text"}},
      {"pr_curves", "PR Curves", Loading::kElement, "tf-pr-curve-dashboard", false, {"pr_curves"}},
      {"profile_redirect",
       "Profile",
       Loading::kElement,
       "tf-profile-redirect-dashboard",
       false,
       {}},
      {"hparams", "hparams", Loading::kElement, "tf-hparams-dashboard", false, {"hparams"}},
      {"mesh", "mesh", Loading::kElement, "mesh-dashboard", false, {"mesh"}},
      {"wit_redirect", "What-If Tool", Loading::kElement, "tf-wit-redirect-dashboard", false, {}},
      {"projector", "projector", Loading::kNone, "", true, {}},
  };
  return plugins;
}

void WriteLoading(const Plugin& plugin, JsonWriter* json) {
  json->Key("loading_mechanism");
  json->BeginObject();
  switch (plugin.loading) {
    case Loading::kNone:
      json->Field("type", "NONE");
      break;
    case Loading::kAngular:
      json->Field("type", "NG_COMPONENT");
      break;
    case Loading::kElement:
      json->Field("type", "CUSTOM_ELEMENT");
      json->Field("element_name", plugin.element);
  }
  json->EndObject();
}

Response EmptyList() {
  return JsonResponse("[]");
}

}  // namespace

Result<Response> HandleEnvironment(const Call& call) {
  const StatusInfo& status = call.context.status;
  JsonWriter json;
  json.BeginObject();
  json.Field("version", status.version);
  json.Field("data_location", status.logdir);
  json.Field("window_title", "");
  json.Field("experiment_name", "");
  json.Field("experiment_description", "");
  json.Field("creation_time", 0);
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleLogdir(const Call& call) {
  JsonWriter json;
  json.BeginObject();
  json.Field("logdir", call.context.status.logdir);
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleWindowProperties(const Call&) {
  return JsonResponse(R"({"window_title": ""})");
}

Result<Response> HandleRuns(const Call& call) {
  ASSIGN_OR_RETURN(const auto runs, ReadRunsByStart(call.store()));
  JsonWriter json;
  json.BeginArray();
  for (const store::Run& run : runs) {
    // A folder of the projector's files alone: only the projector's routes name it.
    const bool has_event_file = run.evidence.has_events || run.bytes_on_disk > 0;
    if (has_event_file) json.String(run.name);
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

// Several experiments in one server are a thing of TensorBoard's hosted variants.
Result<Response> HandleExperiments(const Call&) {
  return EmptyList();
}

Result<Response> HandleExperimentRuns(const Call&) {
  return EmptyList();
}

Result<Response> HandleNotifications(const Call&) {
  return JsonResponse(R"({"notifications": []})");
}

Result<Response> HandlePluginsListing(const Call& call) {
  ASSIGN_OR_RETURN(const auto tags, call.store().ReadTags({}));
  const auto has_data = [&](std::string_view plugin) {
    return std::any_of(tags.begin(), tags.end(),
                       [&](const store::Tag& tag) { return tag.plugin == plugin; });
  };
  ASSIGN_OR_RETURN(const bool has_projector_data, HasProjectorData(call.store()));
  JsonWriter json;
  json.BeginObject();
  for (const Plugin& plugin : Plugins()) {
    const bool is_active =
        plugin.name == "projector"
            ? has_projector_data
            : std::any_of(plugin.data_plugins.begin(), plugin.data_plugins.end(), has_data);
    json.Key(plugin.name);
    json.BeginObject();
    json.Field("disable_reload", plugin.disable_reload);
    json.Field("enabled", is_active);
    json.Field("remove_dom", false);
    json.Field("tab_name", plugin.tab_name);
    WriteLoading(plugin, &json);
    json.EndObject();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

// The page of a plugin that brings its own: there is none here, the app has the views.
Result<Response> HandlePluginEntry(const Call& call) {
  const std::string* name = call.query.Find("name");
  const auto& plugins = Plugins();
  const bool is_known =
      name != nullptr && std::any_of(plugins.begin(), plugins.end(),
                                     [&](const Plugin& plugin) { return plugin.name == *name; });
  if (!is_known) return NotFound(name == nullptr ? "None" : *name);
  return TextResponse(400, "Plugin is not module loadable");
}

}  // namespace spirogram::web::tensorboard
