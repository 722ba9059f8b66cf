// Request and Response as the rest of web/ sees them: plain structs, so that handlers are tested
// without a socket and know nothing of the library that carries them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/body_source.h"

namespace spirogram::web {

struct Header {
  std::string name;
  std::string value;
};

// ASCII only, as HTTP's names are.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string ToLower(std::string_view text);

// The value of the first header of that name; empty when there is none.
std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name);
bool HasHeader(const std::vector<Header>& headers, std::string_view name);

struct Request {
  std::string method;
  std::string target;  // origin form, as received: nothing is decoded yet
  std::vector<Header> headers;
  std::string body;
  std::string id;  // ours, never the client's; log lines and the answer carry it

  std::string_view Get(std::string_view name) const { return FindHeader(headers, name); }
  // The target before and after its first '?'.
  std::string_view path() const;
  std::string_view query() const;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
  // For HEAD: the body is left out but its length is told.
  bool is_head = false;
  // Takes the place of `body` where it is set.
  std::shared_ptr<BodySource> stream = {};

  std::string_view Get(std::string_view name) const { return FindHeader(headers, name); }
  // Replaces a header of that name, or adds it.
  void Set(std::string_view name, std::string_view value);
};

// "Not Found"
const char* ReasonPhrase(int status);

Response JsonResponse(std::string json);
Response TextResponse(int status, std::string_view text);

}  // namespace spirogram::web
