// One function per route, one file per plugin; docs/tensorboard.md has what each answers.
#pragma once

#include "web/tensorboard/call.h"

namespace spirogram::web::tensorboard {

// core.cc
Result<Response> HandleEnvironment(const Call& call);
Result<Response> HandleLogdir(const Call& call);
Result<Response> HandleWindowProperties(const Call& call);
Result<Response> HandleRuns(const Call& call);
Result<Response> HandleExperiments(const Call& call);
Result<Response> HandleExperimentRuns(const Call& call);
Result<Response> HandleNotifications(const Call& call);
Result<Response> HandlePluginsListing(const Call& call);
Result<Response> HandlePluginEntry(const Call& call);

// scalars.cc
Result<Response> HandleScalarTags(const Call& call);
Result<Response> HandleScalars(const Call& call);
Result<Response> HandleScalarsMultirun(const Call& call);

// custom_scalars.cc
Result<Response> HandleCustomScalars(const Call& call);

// timeseries.cc
Result<Response> HandleTimeSeriesTags(const Call& call);
Result<Response> HandleTimeSeries(const Call& call);
Result<Response> HandleTimeSeriesImage(const Call& call);

// histograms.cc, distributions.cc
Result<Response> HandleHistogramTags(const Call& call);
Result<Response> HandleHistograms(const Call& call);
Result<Response> HandleDistributions(const Call& call);

// images.cc
Result<Response> HandleImageTags(const Call& call);
Result<Response> HandleImages(const Call& call);
Result<Response> HandleIndividualImage(const Call& call);

// text.cc
Result<Response> HandleTextTags(const Call& call);
Result<Response> HandleText(const Call& call);

}  // namespace spirogram::web::tensorboard
