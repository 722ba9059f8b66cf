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

// custom_scalars.cc, custom_scalars_layout.cc
Result<Response> HandleCustomScalarLayout(const Call& call);
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

// audio.cc
Result<Response> HandleAudioTags(const Call& call);
Result<Response> HandleAudio(const Call& call);
Result<Response> HandleIndividualAudio(const Call& call);

// pr_curves.cc
Result<Response> HandlePrCurveTags(const Call& call);
Result<Response> HandlePrCurves(const Call& call);

// mesh.cc
Result<Response> HandleMeshTags(const Call& call);
Result<Response> HandleMeshes(const Call& call);
Result<Response> HandleMeshData(const Call& call);

// graphs.cc
Result<Response> HandleGraphInfo(const Call& call);
Result<Response> HandleGraph(const Call& call);
Result<Response> HandleGraphRunMetadata(const Call& call);

// hparams.cc
Result<Response> HandleHparamsExperiment(const Call& call);
Result<Response> HandleHparamsGroups(const Call& call);
Result<Response> HandleHparamsMetricEvals(const Call& call);
Result<Response> HandleHparamsDownload(const Call& call);

// projector.cc
Result<Response> HandleProjectorRuns(const Call& call);
Result<Response> HandleProjectorInfo(const Call& call);
Result<Response> HandleProjectorTensor(const Call& call);
Result<Response> HandleProjectorMetadata(const Call& call);
Result<Response> HandleProjectorBookmarks(const Call& call);
Result<Response> HandleProjectorSprite(const Call& call);
// Whether any run has what the routes of projector answer.
Result<bool> HasProjectorData(store::Store& store);

}  // namespace spirogram::web::tensorboard
