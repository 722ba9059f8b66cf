// The web app's files, from a table that is made at build time (cmake/embed.cmake). Nothing is ever
// opened by URL: a path either stands in the table or it does not exist.
#pragma once

#include <span>
#include <string_view>

#include "web/message.h"

namespace spirogram::web {

// Views into the program's read-only data.
struct StaticFile {
  std::string_view path;  // "/assets/index-4f3a.js"
  std::string_view content_type;
  std::string_view etag;  // quoted and strong: a hash of the content
  std::string_view content;
  std::string_view gzip;      // the same compressed; empty where that does not pay
  bool is_immutable = false;  // the name holds a hash, so the content under it never changes
};

// What the build embedded; empty when the front end was not built.
std::span<const StaticFile> EmbeddedFiles();

// docs/openapi.json, embedded too.
std::string_view OpenApiJson();

// Answers a GET or HEAD (405 otherwise): the file of that exact path, /index.html for page paths
// ("/runs", "/": one part of letters, digits, '-', '_', because pages name their files relative to
// their own path), a redirection for "/runs/", else 404. An empty table answers page paths with a
// note that the app was not built.
Response ServeStatic(const Request& request, std::span<const StaticFile> files);

}  // namespace spirogram::web
