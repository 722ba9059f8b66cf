#include "web/static_files.h"

#include <algorithm>

#include "base/str.h"
#include "web/encoding.h"
#include "web/etag.h"
#include "web/problem.h"
#include "web/security.h"

namespace spirogram::web {
namespace {

constexpr std::string_view kNotBuiltPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Spirogram</title>"
    "<h1>The app was not built</h1><p>This server was built without its pages. Run "
    "<code>./dev build</code>, or use the API below <code>/api/v1/</code>.</p></html>\n";

bool IsPageCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// Strict on purpose: dots, escapes, ';' and further slashes never name a page.
bool IsPagePath(std::string_view path) {
  return path.starts_with('/') && std::all_of(path.begin() + 1, path.end(), IsPageCharacter) &&
         path != "/-";
}

const StaticFile* FindFile(std::span<const StaticFile> files, std::string_view path) {
  const auto file = std::find_if(files.begin(), files.end(), [&](const StaticFile& candidate) {
    return candidate.path == path;
  });
  return file == files.end() ? nullptr : &*file;
}

bool IsPage(const StaticFile& file) {
  return file.content_type.substr(0, 9) == "text/html";
}

Response ServeFile(const Request& request, const StaticFile& file) {
  const bool use_gzip = !file.gzip.empty() && AcceptsGzip(request.Get("Accept-Encoding"));
  // Each encoding is a representation of its own and needs a strong tag of its own.
  std::string etag(file.etag);
  if (use_gzip) etag.insert(etag.size() - 1, "-gz");
  Response response;
  response.Set("ETag", etag);
  response.Set("Vary", "Accept-Encoding");
  response.Set("Cache-Control",
               file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (IsPage(file)) response.Set("Content-Security-Policy", kPagePolicy);
  if (MatchesEtag(request.Get("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  response.Set("Content-Type", file.content_type);
  if (use_gzip) response.Set("Content-Encoding", "gzip");
  response.body = use_gzip ? file.gzip : file.content;
  return response;
}

Response NotBuilt() {
  Response response;
  response.status = 503;
  response.Set("Content-Type", "text/html; charset=utf-8");
  response.Set("Cache-Control", "no-store");
  response.Set("Content-Security-Policy", kPagePolicy);
  response.body = kNotBuiltPage;
  return response;
}

// From "/runs/" to "/runs", whatever a proxy put before both.
Response WithoutSlash(const Request& request) {
  const std::string_view path = request.path();
  const std::string_view page = path.substr(1, path.size() - 2);
  Response response = TextResponse(308, "the page has no slash at its end\n");
  response.Set("Location",
               StrCat("../", page, std::string_view(request.target).substr(path.size())));
  return response;
}

}  // namespace

Response ServeStatic(const Request& request, std::span<const StaticFile> files) {
  if (request.method == "OPTIONS") {
    Response response;
    response.status = 204;
    response.Set("Allow", "GET, HEAD, OPTIONS");
    return response;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = ProblemResponse(
        405, StrCat("method ", Excerpt(request.method), ", want GET or HEAD"), request.id);
    response.Set("Allow", "GET, HEAD, OPTIONS");
    return response;
  }
  const std::string_view path = request.path();
  if (const StaticFile* file = FindFile(files, path)) return ServeFile(request, *file);
  if (IsPagePath(path)) {
    if (files.empty()) return NotBuilt();
    if (const StaticFile* index = FindFile(files, "/index.html")) return ServeFile(request, *index);
  }
  if (path.size() > 2 && path.ends_with('/') && IsPagePath(path.substr(0, path.size() - 1))) {
    return WithoutSlash(request);
  }
  return ProblemResponse(404, "no such path", request.id);
}

}  // namespace spirogram::web
