// The seam between the server and the projector: what a projection job calls. The program fills it
// with projector::Pca and projector::Tsne; tests with functions of their own.
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
  // Bytes that a map would take (projector::TsneMemoryBytes); empty where nobody needs to ask. More
  // than `tsne_memory_max` are refused before a job is queued.
  std::function<int64_t(int64_t points, const projector::TsneOptions&)> tsne_memory_bytes;
  int64_t tsne_memory_max = int64_t{8} << 30;
};

}  // namespace spirogram::web
