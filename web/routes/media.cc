#include <utility>

#include "base/str.h"
#include "web/etag.h"
#include "web/json.h"
#include "web/problem.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

// "BM" alone may begin a text: the size of the header that follows says which of seven it is.
bool IsBmp(std::string_view bytes) {
  constexpr size_t kFileHeaderBytes = 14;
  constexpr std::string_view kSizes = "\x0c\x28\x34\x38\x40\x6c\x7c";
  if (!bytes.starts_with("BM") || bytes.size() < kFileHeaderBytes + 4) return false;
  const std::string_view size = bytes.substr(kFileHeaderBytes, 4);
  return kSizes.find(size[0]) != std::string_view::npos &&
         size.substr(1) == std::string_view("\0\0\0", 3);
}

bool IsWebp(std::string_view bytes) {
  return bytes.starts_with("RIFF") && bytes.size() >= 16 && bytes.substr(8, 7) == "WEBPVP8";
}

}  // namespace

std::string_view ImageType(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return "image/gif";
  if (IsWebp(bytes)) return "image/webp";
  if (IsBmp(bytes)) return "image/bmp";
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
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(call.query));
  store::Store& store = call.context.store;
  ASSIGN_OR_RETURN(const auto infos, store.ListTexts(series.run, series.tag, range.from));
  RETURN_IF_ERROR(CheckBytes("texts", infos, range.to));
  ASSIGN_OR_RETURN(const auto texts, store.ReadTexts(series.run, series.tag, range.from, range.to));
  return JsonResponse(TextsJson(texts));
}

Result<Response> HandleTextSteps(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto infos, call.context.store.ListTexts(series.run, series.tag, from));
  return JsonResponse(ValueInfosJson("texts", infos));
}

Result<Response> HandleImages(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto images, call.context.store.ReadImages(series.run, series.tag, from));
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
    return ProblemResponse(415, "the image is no PNG, JPEG, GIF, WebP or BMP", call.request.id);
  }
  return MediaResponse(call.request, type, std::move(bytes));
}

}  // namespace spirogram::web
