// Reads of audio clips, PR curves, meshes, custom scalar layouts, graphs, tensors of unknown
// plugins and hyperparameters. REQUIRES, for all: a read transaction is open.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/audio.h"
#include "store/custom_scalars.h"
#include "store/graph.h"
#include "store/hparams.h"
#include "store/mesh.h"
#include "store/pr_curve.h"
#include "store/sqlite/database.h"
#include "store/tensor_value.h"

namespace spirogram::store {

Result<std::vector<AudioClip>> SelectAudio(Database& database, RunId run, const std::string& tag,
                                           Step from);
Result<std::string> SelectAudioBytes(Database& database, RunId run, const std::string& tag,
                                     Step step, int index, int repeat);
Result<std::vector<PrCurve>> SelectPrCurves(Database& database, RunId run, const std::string& tag,
                                            Step from, Step to);
Result<CustomScalarLayout> SelectCustomScalarLayout(Database& database, RunId run);
Result<std::vector<TensorInfo>> SelectTensors(Database& database, RunId run, const std::string& tag,
                                              Step from);
Result<TensorValue> SelectTensor(Database& database, RunId run, const std::string& tag, Step step,
                                 int repeat);

// In mesh_reader.cc.
Result<MeshSeries> SelectMeshes(Database& database, RunId run, const std::string& name, Step from);
Result<Mesh> SelectMesh(Database& database, RunId run, const std::string& name, Step step,
                        int index);

// In graph_reader.cc.
Result<std::vector<GraphInfo>> SelectGraphs(Database& database, RunId run);
Result<std::string> SelectGraphBytes(Database& database, RunId run, const std::string& tag);

// In hparams_reader.cc.
Result<HparamsData> SelectHparamsData(Database& database);

}  // namespace spirogram::store
