#include "base/str.h"
#include "web/tensorboard/blob_key.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/samples.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "audio";
constexpr std::string_view kWav = "audio/wav";
constexpr std::string_view kUnknownType = "application/octet-stream";

// TensorBoard knows WAV alone; every other clip is bytes.
std::string_view ContentType(const store::AudioClip& clip) {
  return clip.content_type.find("wav") == std::string::npos ? kUnknownType : kWav;
}

}  // namespace

Result<Response> HandleAudioTags(const Call& call) {
  return SampledTagIndex(call, kPlugin);
}

Result<Response> HandleAudio(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  ASSIGN_OR_RETURN(const int64_t sample, SampleParameter(call));
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), run, tag, kPlugin));
  if (!series) {
    return NotFound(StrCat("No audio data for run=", PythonRepr(run), ", tag=", PythonRepr(tag)));
  }
  ASSIGN_OR_RETURN(const auto clips, call.store().ReadAudio(series->run, series->name));
  JsonWriter json;
  json.BeginArray();
  for (const store::AudioClip& clip : clips) {
    if (clip.index != sample) continue;
    const std::string_view type = ContentType(clip);
    const std::string key =
        EncodeBlobKey({call.experiment, *run, series->name, clip.step, clip.index, clip.repeat});
    json.BeginObject();
    json.Field("wall_time", clip.wall_time);
    json.Field("label", "");
    json.Field("step", clip.step);
    json.Field("contentType", type);
    json.Field("query", StrCat("blob_key=", key, "&content_type=",
                               type == kWav ? "audio%2Fwav" : "application%2Foctet-stream"));
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

Result<Response> HandleIndividualAudio(const Call& call) {
  const std::string* type = call.query.Find("content_type");
  const std::string* text = call.query.Find("blob_key");
  if (type == nullptr || text == nullptr) {
    return InvalidArgument("content_type and blob_key must be specified");
  }
  if (*type != kWav && *type != kUnknownType) {
    return InvalidArgument(StrCat("Illegal mime type ", PythonRepr(type)));
  }
  ASSIGN_OR_RETURN(const BlobKey key, DecodeBlobKey(*text));
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), &key.run, &key.tag, kPlugin));
  if (!series) return NotFound("no such clip");
  Response response;
  ASSIGN_OR_RETURN(response.body, call.store().ReadAudioBytes(series->run, series->name, key.step,
                                                              key.index, key.repeat));
  response.Set("Content-Type", *type);
  return response;
}

}  // namespace spirogram::web::tensorboard
