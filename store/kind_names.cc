// The names by which the API calls the enumerations of the headers per kind.
#include "store/graph.h"
#include "store/hparams.h"

namespace spirogram::store {

const char* GraphTypeName(GraphType type) {
  switch (type) {
    case GraphType::kRunGraph:
      return "run_graph";
    case GraphType::kKerasModel:
      return "keras_model";
    case GraphType::kRunMetadata:
      return "run_metadata";
    case GraphType::kRunMetadataGraph:
      return "run_metadata_graph";
    case GraphType::kTaggedMetadata:
      return "tagged_run_metadata";
  }
  return "run_graph";
}

const char* HparamsStatusName(HparamsStatus status) {
  switch (status) {
    case HparamsStatus::kUnknown:
      return "unknown";
    case HparamsStatus::kSuccess:
      return "success";
    case HparamsStatus::kFailure:
      return "failure";
    case HparamsStatus::kRunning:
      return "running";
  }
  return "unknown";
}

const char* HparamTypeName(HparamInfo::Type type) {
  switch (type) {
    case HparamInfo::Type::kUnset:
      return "unset";
    case HparamInfo::Type::kString:
      return "string";
    case HparamInfo::Type::kBool:
      return "bool";
    case HparamInfo::Type::kNumber:
      return "number";
  }
  return "unset";
}

const char* MetricDatasetName(MetricInfo::Dataset dataset) {
  switch (dataset) {
    case MetricInfo::Dataset::kUnknown:
      return "unknown";
    case MetricInfo::Dataset::kTraining:
      return "training";
    case MetricInfo::Dataset::kValidation:
      return "validation";
  }
  return "unknown";
}

}  // namespace spirogram::store
