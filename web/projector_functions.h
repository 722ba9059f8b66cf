// The seam between the server and the projector: what a projection job calls. The program fills it
// with projector::Pca and projector::ExactTsne; tests with functions of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "projector/projector.h"

namespace spirogram::web {

struct ProjectorFunctions {
  std::function<Result<projector::PcaResult>(const projector::MatrixView&,
                                             const projector::PcaOptions&)>
      pca;
  std::function<Result<projector::TsneResult>(
      const projector::MatrixView&, const projector::TsneOptions&,
      const std::function<void(const projector::TsneProgress&)>&, std::stop_token)>
      tsne;
  // More points are refused before a job is queued.
  int64_t tsne_points_max = projector::kExactTsnePointsMax;
};

}  // namespace spirogram::web
