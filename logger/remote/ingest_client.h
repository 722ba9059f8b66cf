// The two requests of the ingest protocol (docs/api.md), and what their answers mean to a sender.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "logger/remote/http_client.h"

namespace spirogram::logger {

struct IngestReply {
  enum class Kind {
    kOffset,    // the server has what lies before `offset`; a batch was stored
    kBehind,    // the batch was not stored: the server wants it from `offset`
    kConflict,  // the server has other bytes under this writer's name: give the file up
    kTooLong,   // a proxy in front takes no body of that length: send less of it
    kRefused,   // as things stand the server will not take it; a person has to change something
    kLater,     // no answer, or none now: the same again after a while
  };

  Kind kind = Kind::kLater;
  uint64_t offset = 0;
  std::chrono::seconds retry_after{0};  // what the server asked for; at most kRetryAfterMax
  std::string detail;                   // a sentence, but for kOffset
};

inline constexpr std::chrono::seconds kRetryAfterMax{60};

// Not thread-safe, but for Cancel.
class IngestClient {
 public:
  explicit IngestClient(Url url) : http_(std::move(url)) {}

  // The reply's offset is the end of the last whole record that the server has.
  IngestReply GetOffset(const std::string& run, const std::string& writer);
  IngestReply Send(const std::string& run, const std::string& writer, uint64_t offset,
                   std::string_view records);
  // How long a look-up of the host and a connection may take; bounded by the request's own time.
  void set_connect_timeout(std::chrono::milliseconds timeout) {
    http_.set_connect_timeout(timeout);
  }
  void Cancel() { http_.Cancel(); }

 private:
  IngestReply Exchange(const HttpRequest& request);

  HttpClient http_;
};

}  // namespace spirogram::logger
