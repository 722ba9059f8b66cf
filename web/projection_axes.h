// Projections along axes that a client chose by groups of rows.
#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "projector/custom_axes.h"
#include "store/answers.h"
#include "web/projection.h"

namespace spirogram::web {

// kInvalidArgument where the request's axes do not fit its dims or the embedding; the axis is
// named. Groups without rows and groups of one mean are the projector's to refuse.
Status CheckAxes(const ProjectionRequest& request, const store::EmbeddingInfo& info);

// `matrix` lacks the rows of the embedding that are left out, ascending; the request's groups do
// not count them. REQUIRES: CheckAxes is fine with it.
Result<projector::CustomAxes> ProjectAxes(const ProjectionRequest& request,
                                          const projector::MatrixView& matrix,
                                          std::span<const int64_t> left_out,
                                          const std::stop_token& stop);

// The part of a result's key that names its groups: their sizes and a hash of their rows.
std::string AxesKey(const ProjectionRequest& request);

}  // namespace spirogram::web
