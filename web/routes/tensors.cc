#include "base/str.h"
#include "transfer/npy.h"
#include "web/json_kinds.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kValuesRange = {1, 1'000'000};

// For a look at what a tensor holds: its shape stays the whole one's.
void KeepFirst(int64_t values, store::TensorValue* tensor) {
  const auto count = static_cast<size_t>(values);
  if (tensor->strings.size() > count) tensor->strings.resize(count);
  size_t elements = 1;
  for (const int64_t size : tensor->info.shape) elements *= static_cast<size_t>(size);
  if (elements > count) tensor->data.resize(tensor->data.size() / elements * count);
}

}  // namespace

Result<Response> HandleTensors(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto tensors,
                   call.context.store.ReadTensors(series.run, series.tag, from));
  return JsonResponse(TensorsJson(tensors));
}

Result<Response> HandleTensorData(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  const std::string* asked = call.query.Find("format");
  const std::string format = asked == nullptr ? "npy" : *asked;
  if (format != "npy" && format != "raw" && format != "json") {
    return InvalidArgument(
        StrCat("query parameter format: got ", Quoted(format), ", want npy, raw or json"));
  }
  ASSIGN_OR_RETURN(const int repeat, OptionalRepeat(call.query));
  const bool is_cut = call.query.Find("values") != nullptr;
  ASSIGN_OR_RETURN(const int64_t values, call.query.Integer("values", kValuesRange, 1));
  if (is_cut && format != "json") {
    return InvalidArgument("query parameter values: only format json can be cut");
  }
  ASSIGN_OR_RETURN(store::TensorValue tensor,
                   call.context.store.ReadTensor(series.run, series.tag, step, repeat));
  if (format == "json") {
    if (is_cut) KeepFirst(values, &tensor);
    ASSIGN_OR_RETURN(std::string json, TensorJson(tensor));
    return JsonResponse(std::move(json));
  }
  if (format == "npy") {
    ASSIGN_OR_RETURN(std::string npy, transfer::ToNpy(tensor));
    return DownloadResponse(std::move(npy), "tensor.npy");
  }
  if (tensor.strings.empty()) return DownloadResponse(std::move(tensor.data), "tensor.bin");
  if (tensor.strings.size() == 1) return DownloadResponse(tensor.strings[0], "tensor.bin");
  return InvalidArgument(
      StrCat("a tensor of ", tensor.strings.size(), " texts has no raw form: ask for json or npy"));
}

}  // namespace spirogram::web
