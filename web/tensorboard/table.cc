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

      {"plugin/custom_scalars/scalars", HandleCustomScalars},
      {"plugin/custom_scalars/download_data", HandleScalars},
  };
  return routes;
}

}  // namespace spirogram::web::tensorboard
