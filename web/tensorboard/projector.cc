// The embeddings that a run's projector_config.pbtxt names, from what the store has read of them: a
// request names a tensor, never a file.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/str.h"
#include "web/query.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/image_type.h"
#include "web/tensorboard/json_writer.h"

namespace spirogram::web::tensorboard {
namespace {

static_assert(std::endian::native == std::endian::little);

using store::ProjectorAsset;
using store::ProjectorTensor;

// "item:0" and "item" are one tensor.
std::string_view BareName(std::string_view name) {
  return name.size() >= 2 && name.substr(name.size() - 2) == ":0" ? name.substr(0, name.size() - 2)
                                                                  : name;
}

std::string TensorName(const ProjectorTensor& tensor) {
  if (!tensor.tensor_name.empty()) return std::string(BareName(tensor.tensor_name));
  const size_t slash = tensor.tensor_path.rfind('/');
  return tensor.tensor_path.substr(slash == std::string::npos ? 0 : slash + 1);
}

Response Refusal(std::string_view text) {
  return TextResponse(400, text);
}

// Runs that have such a tensor, with them.
struct Config {
  store::Run run;
  std::vector<ProjectorTensor> tensors;
};

Result<std::vector<Config>> ReadConfigs(store::Store& store) {
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, ReadRunsByStart(store));
  std::vector<Config> configs;
  for (const store::Run& run : runs) {
    ASSIGN_OR_RETURN(std::vector<ProjectorTensor> tensors, store.ReadProjectorTensors(run.id));
    if (!tensors.empty()) configs.push_back({run, std::move(tensors)});
  }
  return configs;
}

// What a request names, or the answer that says what it does not.
struct Named {
  std::optional<Response> refusal;
  store::RunId run = 0;
  std::string run_name;
  std::vector<ProjectorTensor> tensors;
  const ProjectorTensor* tensor = nullptr;
};

Result<Named> FindConfig(const Call& call) {
  Named named;
  const std::string* run = call.query.Find("run");
  if (run == nullptr) {
    named.refusal = Refusal("query parameter \"run\" is required");
    return named;
  }
  ASSIGN_OR_RETURN(const auto found, call.store().FindRun(*run));
  if (found) {
    ASSIGN_OR_RETURN(named.tensors, call.store().ReadProjectorTensors(*found));
    named.run = *found;
    named.run_name = *run;
  }
  if (named.tensors.empty()) named.refusal = Refusal(StrCat("Unknown run: ", Quoted(*run)));
  return named;
}

Result<Named> FindTensor(const Call& call) {
  const std::string* name = call.query.Find("name");
  if (call.query.Find("run") != nullptr && name == nullptr) {
    Named named;
    named.refusal = Refusal("query parameter \"name\" is required");
    return named;
  }
  ASSIGN_OR_RETURN(Named named, FindConfig(call));
  if (named.refusal) return named;
  for (const ProjectorTensor& tensor : named.tensors) {
    if (named.tensor == nullptr && TensorName(tensor) == BareName(*name)) named.tensor = &tensor;
  }
  return named;
}

// "num_rows": 0 for all of them.
Result<int64_t> RowsParameter(const Call& call) {
  const std::string* rows = call.query.Find("num_rows");
  if (rows == nullptr || rows->empty()) return int64_t{0};
  auto count = ParseInteger("num_rows", *rows, {1, INT64_MAX});
  if (!count.ok()) return InvalidArgument("query parameter num_rows must be integer > 0");
  return count;
}

Result<Response> ServeAsset(const Call& call, ProjectorAsset asset, std::string_view what) {
  ASSIGN_OR_RETURN(const Named named, FindTensor(call));
  if (named.refusal) return *named.refusal;
  auto bytes = named.tensor == nullptr
                   ? Result<std::string>(NotFound("no such tensor"))
                   : call.store().ReadProjectorAsset(named.run, named.tensor->tensor_name, asset);
  if (!bytes.ok() && bytes.error().code == ErrorCode::kNotFound) {
    return Refusal(StrCat("No ", what, " file found for tensor ", Quoted(*call.query.Find("name")),
                          " of the run ", Quoted(named.run_name)));
  }
  if (!bytes.ok()) return bytes.error();
  Response response;
  response.body = *std::move(bytes);
  return response;
}

void WriteTensor(const ProjectorTensor& tensor, JsonWriter* json) {
  json->BeginObject();
  json->Field("tensorName", TensorName(tensor));
  if (!tensor.metadata_path.empty()) json->Field("metadataPath", tensor.metadata_path);
  if (!tensor.bookmarks_path.empty()) json->Field("bookmarksPath", tensor.bookmarks_path);
  json->Key("tensorShape");
  json->BeginArray();
  json->Integer(tensor.rows);
  json->Integer(tensor.dims);
  json->EndArray();
  if (!tensor.sprite_path.empty()) {
    json->Key("sprite");
    json->BeginObject();
    json->Field("imagePath", tensor.sprite_path);
    json->Key("singleImageDim");
    json->BeginArray();
    json->Integer(tensor.sprite_width);
    json->Integer(tensor.sprite_height);
    json->EndArray();
    json->EndObject();
  }
  if (!tensor.tensor_path.empty()) json->Field("tensorPath", tensor.tensor_path);
  json->EndObject();
}

// The first `rows` lines, and the header before them where the file has one: a first line with a
// tab names columns.
size_t BytesOfRows(std::string_view text, int64_t rows) {
  const size_t first_end = text.find('\n');
  const bool has_header = text.substr(0, first_end).find('\t') != std::string_view::npos;
  size_t end = 0;
  for (int64_t left = rows + (has_header ? 1 : 0); left > 0 && end < text.size(); --left) {
    const size_t line_end = text.find('\n', end);
    end = line_end == std::string_view::npos ? text.size() : line_end + 1;
  }
  return end;
}

}  // namespace

Result<bool> HasProjectorData(store::Store& store) {
  ASSIGN_OR_RETURN(const auto configs, ReadConfigs(store));
  return !configs.empty();
}

Result<Response> HandleProjectorRuns(const Call& call) {
  ASSIGN_OR_RETURN(const auto configs, ReadConfigs(call.store()));
  JsonWriter json;
  json.BeginArray();
  for (const Config& config : configs) json.String(config.run.name);
  json.EndArray();
  return JsonResponse(json.Finish());
}

Result<Response> HandleProjectorInfo(const Call& call) {
  ASSIGN_OR_RETURN(const Named named, FindConfig(call));
  if (named.refusal) return *named.refusal;
  JsonWriter json;
  json.BeginObject();
  json.Key("embeddings");
  json.BeginArray();
  for (const ProjectorTensor& tensor : named.tensors) WriteTensor(tensor, &json);
  json.EndArray();
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleProjectorTensor(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t rows_max, RowsParameter(call));
  ASSIGN_OR_RETURN(const Named named, FindTensor(call));
  if (named.refusal) return *named.refusal;
  if (named.tensor == nullptr) {
    return Refusal(StrCat("Tensor ", Quoted(*call.query.Find("name")), " not found in the run ",
                          Quoted(named.run_name)));
  }
  ASSIGN_OR_RETURN(const store::Embedding embedding,
                   call.store().ReadEmbedding(named.run, named.tensor->tag, named.tensor->step));
  const int64_t rows =
      rows_max == 0 ? embedding.info.rows : std::min(rows_max, embedding.info.rows);
  Response response;
  response.Set("Content-Type", "application/octet-stream");
  response.body.resize(static_cast<size_t>(rows * embedding.info.dims) * sizeof(float));
  if (!response.body.empty()) {
    std::memcpy(response.body.data(), embedding.values.data(), response.body.size());
  }
  return response;
}

Result<Response> HandleProjectorMetadata(const Call& call) {
  ASSIGN_OR_RETURN(const int64_t rows, RowsParameter(call));
  ASSIGN_OR_RETURN(Response response, ServeAsset(call, ProjectorAsset::kMetadata, "metadata"));
  if (response.status != 200) return response;
  response.Set("Content-Type", "text/plain; charset=utf-8");
  if (rows > 0) response.body.resize(BytesOfRows(response.body, rows));
  return response;
}

Result<Response> HandleProjectorBookmarks(const Call& call) {
  ASSIGN_OR_RETURN(Response response, ServeAsset(call, ProjectorAsset::kBookmarks, "bookmarks"));
  if (response.status == 200) response.Set("Content-Type", "application/json");
  return response;
}

Result<Response> HandleProjectorSprite(const Call& call) {
  ASSIGN_OR_RETURN(Response response, ServeAsset(call, ProjectorAsset::kSprite, "sprite image"));
  if (response.status == 200) response.Set("Content-Type", ImageType(response.body));
  return response;
}

}  // namespace spirogram::web::tensorboard
