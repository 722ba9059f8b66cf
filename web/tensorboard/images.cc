#include "web/tensorboard/images.h"

#include <algorithm>

#include "base/str.h"
#include "web/query.h"
#include "web/tensorboard/blob_key.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "images";

bool StartsWith(std::string_view bytes, std::string_view magic) {
  return bytes.substr(0, magic.size()) == magic;
}

// Never what a file claims, and never a type that runs script.
std::string_view ImageType(std::string_view bytes) {
  if (StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (StartsWith(bytes, "\xFF\xD8\xFF")) return "image/jpeg";
  if (StartsWith(bytes, "GIF87a") || StartsWith(bytes, "GIF89a")) return "image/gif";
  if (StartsWith(bytes, "BM")) return "image/bmp";
  return "application/octet-stream";
}

}  // namespace

Result<int> CountImagesPerStep(store::Store& store, const store::Tag& tag) {
  ASSIGN_OR_RETURN(const auto images, store.ReadImages(tag.run, tag.name));
  int count = 0;
  for (const store::ImageInfo& image : images) count = std::max(count, image.index + 1);
  return count;
}

Result<std::vector<store::ImageInfo>> ReadSamples(store::Store& store, const store::Tag& tag,
                                                  int64_t sample) {
  ASSIGN_OR_RETURN(std::vector<store::ImageInfo> images, store.ReadImages(tag.run, tag.name));
  std::erase_if(images, [&](const store::ImageInfo& image) { return image.index != sample; });
  return images;
}

std::string ImageKey(const Call& call, const std::string& run, const store::Tag& tag,
                     const store::ImageInfo& image) {
  return EncodeBlobKey(
      {call.experiment, run, tag.name, image.step, image.index + kBlobsBeforeImages});
}

Result<Response> ServeImage(const Call& call, const std::string& text) {
  ASSIGN_OR_RETURN(const BlobKey key, DecodeBlobKey(text));
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), &key.run, &key.tag, kPlugin));
  if (!series || key.index < kBlobsBeforeImages) return NotFound("no such image");
  Response response;
  ASSIGN_OR_RETURN(response.body, call.store().ReadImageBytes(series->run, series->name, key.step,
                                                              key.index - kBlobsBeforeImages));
  response.Set("Content-Type", ImageType(response.body));
  return response;
}

Result<int64_t> SampleParameter(const Call& call) {
  const std::string* sample = call.query.Find("sample");
  if (sample == nullptr) return int64_t{0};
  return ParseInteger("sample", *sample, {0, INT32_MAX});
}

Result<Response> HandleImageTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), kPlugin));
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    json.Key(run);
    json.BeginObject();
    for (const store::Tag& tag : tags) {
      ASSIGN_OR_RETURN(const int samples, CountImagesPerStep(call.store(), tag));
      json.Key(tag.name);
      json.BeginObject();
      WriteTagLabels(tag, &json);
      json.Field("samples", samples);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleImages(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  ASSIGN_OR_RETURN(const int64_t sample, SampleParameter(call));
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), run, tag, kPlugin));
  if (!series) {
    return NotFound(StrCat("No image data for run=", PythonRepr(run), ", tag=", PythonRepr(tag)));
  }
  ASSIGN_OR_RETURN(const auto images, ReadSamples(call.store(), *series, sample));
  JsonWriter json;
  json.BeginArray();
  for (const store::ImageInfo& image : images) {
    json.BeginObject();
    json.Field("wall_time", image.wall_time);
    json.Field("step", image.step);
    json.Field("query", StrCat("blob_key=", ImageKey(call, *run, *series, image)));
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

Result<Response> HandleIndividualImage(const Call& call) {
  const std::string* key = call.query.Find("blob_key");
  if (key == nullptr) return TextResponse(400, "Invalid run, tag, index, or sample");
  return ServeImage(call, *key);
}

}  // namespace spirogram::web::tensorboard
