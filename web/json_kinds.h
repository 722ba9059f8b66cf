// JSON of the kinds that TensorBoard's plugins log beyond scalars, histograms, texts and images. As
// web/json.h: pure functions, the shapes are those of docs/api.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/audio.h"
#include "store/custom_scalars.h"
#include "store/graph.h"
#include "store/graph_nodes.h"
#include "store/graph_stats.h"
#include "store/hparams.h"
#include "store/mesh.h"
#include "store/pr_curve.h"
#include "store/projector_tensor.h"
#include "store/tensor_value.h"
#include "web/hparam_groups.h"

namespace spirogram::web {

std::string AudioJson(std::span<const store::AudioClip> clips);
std::string MeshesJson(const store::MeshSeries& series);
std::string LayoutJson(const store::CustomScalarLayout& layout);
std::string GraphsJson(std::span<const store::GraphInfo> graphs);
std::string GraphNodesJson(const store::GraphNodes& graph, int64_t offset);
std::string GraphStatsJson(std::span<const store::NodeStats> nodes);
std::string TensorsJson(std::span<const store::TensorInfo> tensors);
std::string HparamsExperimentJson(const HparamsOverview& overview);
std::string EmbeddingFilesJson(std::span<const store::ProjectorTensor> tensors);

// A tensor's values: texts, or numbers of a type that JSON can hold. kInvalidArgument for others,
// kExhausted above 1,000,000 elements.
Result<std::string> TensorJson(const store::TensorValue& tensor);

// The fields of a columns item.
std::string PrCurveItemJson(const store::PrCurve& curve);
std::string MeshItemJson(const store::Mesh& mesh, int64_t faces_dropped);

// The layers of a Keras model's configuration as nodes, nested models' with their path in front.
// kCorruption when the text is no such configuration.
Result<store::GraphNodes> ParseKerasNodes(std::string_view json, int64_t offset, int64_t count_max);

}  // namespace spirogram::web
