#include "web/tensorboard/images.h"

#include "base/str.h"
#include "web/tensorboard/blob_key.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/image_type.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/samples.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "images";

}  // namespace

Result<std::vector<store::ImageInfo>> ReadSamples(store::Store& store, const store::Tag& tag,
                                                  int64_t sample) {
  ASSIGN_OR_RETURN(std::vector<store::ImageInfo> images, store.ReadImages(tag.run, tag.name));
  std::erase_if(images, [&](const store::ImageInfo& image) { return image.index != sample; });
  return images;
}

std::string ImageKey(const Call& call, const std::string& run, const store::Tag& tag,
                     const store::ImageInfo& image) {
  return EncodeBlobKey(
      {call.experiment, run, tag.name, image.step, image.index + kBlobsBeforeImages, image.repeat});
}

Result<Response> ServeImage(const Call& call, const std::string& text) {
  ASSIGN_OR_RETURN(const BlobKey key, DecodeBlobKey(text));
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), &key.run, &key.tag, kPlugin));
  if (!series || key.index < kBlobsBeforeImages) return NotFound("no such image");
  Response response;
  ASSIGN_OR_RETURN(response.body,
                   call.store().ReadImageBytes(series->run, series->name, key.step,
                                               key.index - kBlobsBeforeImages, key.repeat));
  response.Set("Content-Type", ImageType(response.body));
  return response;
}

Result<Response> HandleImageTags(const Call& call) {
  return SampledTagIndex(call, kPlugin);
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
