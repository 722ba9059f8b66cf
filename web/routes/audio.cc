#include <utility>

#include "web/byte_range.h"
#include "web/etag.h"
#include "web/json_kinds.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

// By the first bytes, as ImageType.
std::string_view AudioType(std::string_view bytes) {
  const auto begins = [&](std::string_view magic) {
    return bytes.substr(0, magic.size()) == magic;
  };
  if (begins("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WAVE") return "audio/wav";
  if (begins("OggS")) return "audio/ogg";
  if (begins("fLaC")) return "audio/flac";
  const bool is_mpeg_frame = bytes.size() >= 2 && bytes[0] == '\xFF' &&
                             (static_cast<unsigned char>(bytes[1]) & 0xE6) == 0xE2;
  if (begins("ID3") || is_mpeg_frame) return "audio/mpeg";
  return {};
}

}  // namespace

Result<Response> HandleAudio(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto clips, call.context.store.ReadAudio(series.run, series.tag, from));
  return JsonResponse(AudioJson(clips));
}

Result<Response> HandleAudioData(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const int64_t index, call.query.Integer("index", {0, INT32_MAX}, 0));
  ASSIGN_OR_RETURN(const int repeat, OptionalRepeat(call.query));
  ASSIGN_OR_RETURN(std::string bytes,
                   call.context.store.ReadAudioBytes(series.run, series.tag, step,
                                                     static_cast<int>(index), repeat));
  const std::string_view type = AudioType(bytes);
  if (type.empty()) {
    return ProblemResponse(415, "the clip is neither WAV nor Ogg nor FLAC nor MP3",
                           call.request.id);
  }
  Response response = MediaResponse(call.request, type, std::move(bytes));
  const Request& request = call.request;
  // RFC 9110 14.2: for other methods than GET a range means nothing; nor does one of other bytes.
  const bool is_of_others =
      !request.Get("If-Range").empty() && request.Get("If-Range") != response.Get("ETag");
  const bool is_whole = request.method == "HEAD" || is_of_others;
  ApplyRange(is_whole ? std::string_view() : request.Get("Range"), &response);
  return response;
}

}  // namespace spirogram::web
