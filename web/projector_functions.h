// The seam between the server and the projector: what a projection job calls. The program fills it
// with projector::Pca, Tsne, Umap and TransformPoints; tests with functions of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

#include "projector/projector.h"
#include "projector/transform.h"
#include "projector/umap.h"

namespace spirogram::web {

struct ProjectorFunctions {
  std::function<Result<projector::PcaResult>(const projector::MatrixView&,
                                             const projector::PcaOptions&, const std::stop_token&)>
      pca;
  std::function<Result<projector::TsneResult>(
      const projector::MatrixView&, const projector::TsneOptions&,
      const std::function<void(const projector::TsneProgress&)>&, std::stop_token)>
      tsne;
  std::function<Result<projector::UmapResult>(
      const projector::MatrixView&, const projector::UmapOptions&,
      const std::function<void(const projector::UmapProgress&)>&, std::stop_token)>
      umap;
  std::function<Result<projector::TransformResult>(
      const projector::MatrixView& old_rows, std::span<const float> map,
      const projector::MatrixView& new_rows, const projector::TransformOptions&,
      const std::function<void(const projector::TransformProgress&)>&, const std::stop_token&)>
      place;
  // A map that needs more memory (projector::TsneMemoryBytes, UmapMemoryBytes) is refused before a
  // job is queued.
  int64_t memory_max = int64_t{8} << 30;
  // Jobs work at the lowest priority, and step aside where a run is being logged as they begin:
  // the cores belong to whoever trains on them.
  bool yields = true;
};

}  // namespace spirogram::web
