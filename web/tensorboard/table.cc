#include <vector>

#include "web/tensorboard/handlers.h"

namespace spirogram::web::tensorboard {

const std::vector<Route>& Routes() {
  static const std::vector<Route> routes = {
      {"environment", HandleEnvironment},
      {"logdir", HandleLogdir},
      {"window_properties", HandleWindowProperties},
      {"runs", HandleRuns},
      {"experiments", HandleExperiments},
      {"experiment_runs", HandleExperimentRuns},
      {"notifications", HandleNotifications},
      {"plugins_listing", HandlePluginsListing},
      {"plugin_entry.html", HandlePluginEntry},

      {"plugin/scalars/tags", HandleScalarTags},
      {"plugin/scalars/scalars", HandleScalars},
      {"plugin/scalars/scalars_multirun", HandleScalarsMultirun, false, true},

      {"plugin/timeseries/tags", HandleTimeSeriesTags},
      {"plugin/timeseries/timeSeries", HandleTimeSeries, true, true},
      {"plugin/timeseries/imageData", HandleTimeSeriesImage},

      {"plugin/histograms/tags", HandleHistogramTags},
      {"plugin/histograms/histograms", HandleHistograms},

      {"plugin/distributions/tags", HandleHistogramTags},
      {"plugin/distributions/distributions", HandleDistributions},

      {"plugin/images/tags", HandleImageTags},
      {"plugin/images/images", HandleImages},
      {"plugin/images/individualImage", HandleIndividualImage},

      {"plugin/text/tags", HandleTextTags},
      {"plugin/text/text", HandleText},

      {"plugin/audio/tags", HandleAudioTags},
      {"plugin/audio/audio", HandleAudio},
      {"plugin/audio/individualAudio", HandleIndividualAudio},

      {"plugin/pr_curves/tags", HandlePrCurveTags},
      {"plugin/pr_curves/pr_curves", HandlePrCurves},

      {"plugin/mesh/tags", HandleMeshTags},
      {"plugin/mesh/meshes", HandleMeshes},
      {"plugin/mesh/data", HandleMeshData},

      {"plugin/graphs/info", HandleGraphInfo},
      {"plugin/graphs/graph", HandleGraph},
      {"plugin/graphs/run_metadata", HandleGraphRunMetadata},

      {"plugin/hparams/experiment", HandleHparamsExperiment, true, true},
      {"plugin/hparams/session_groups", HandleHparamsGroups, true, true},
      {"plugin/hparams/metric_evals", HandleHparamsMetricEvals, true, true},
      {"plugin/hparams/download_data", HandleHparamsDownload, true, true},

      {"plugin/projector/runs", HandleProjectorRuns},
      {"plugin/projector/info", HandleProjectorInfo},
      {"plugin/projector/tensor", HandleProjectorTensor},
      {"plugin/projector/metadata", HandleProjectorMetadata},
      {"plugin/projector/bookmarks", HandleProjectorBookmarks},
      {"plugin/projector/sprite_image", HandleProjectorSprite},

      {"plugin/custom_scalars/layout", HandleCustomScalarLayout},
      {"plugin/custom_scalars/scalars", HandleCustomScalars},
      {"plugin/custom_scalars/download_data", HandleScalars},
  };
  return routes;
}

}  // namespace spirogram::web::tensorboard
