#include <utility>

#include "base/str.h"
#include "web/etag.h"
#include "web/json.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
std::string_view ImageType(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  return {};
}

Response DownloadResponse(std::string bytes, std::string_view name) {
  Response response;
  response.Set("Content-Type", "application/octet-stream");
  response.Set("Content-Disposition", StrCat("attachment; filename=\"", name, "\""));
  response.body = std::move(bytes);
  return response;
}

Result<Response> HandleTexts(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const auto texts, call.context.store.ReadTexts(series.run, series.tag));
  return JsonResponse(TextsJson(texts));
}

Result<Response> HandleImages(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const auto images, call.context.store.ReadImages(series.run, series.tag));
  return JsonResponse(ImagesJson(images));
}

Result<Response> HandleImageData(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const int64_t index, call.query.Integer("index", {0, INT32_MAX}, 0));
  ASSIGN_OR_RETURN(const int repeat, OptionalRepeat(call.query));
  ASSIGN_OR_RETURN(std::string bytes,
                   call.context.store.ReadImageBytes(series.run, series.tag, step,
                                                     static_cast<int>(index), repeat));
  const std::string_view type = ImageType(bytes);
  if (type.empty()) {
    return ProblemResponse(415, "the image is neither PNG nor JPEG nor GIF", call.request.id);
  }
  return MediaResponse(call.request, type, std::move(bytes));
}

}  // namespace spirogram::web
