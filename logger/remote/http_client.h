// One HTTP/1.1 connection to one server, kept open between requests. The library that speaks it
// stays in the .cc.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logger/remote/url.h"

namespace spirogram::logger {

struct HttpRequest {
  std::string_view method;
  std::string target;             // below the URL's prefix, with its query
  std::string_view content_type;  // with a body
  std::string_view body;
};

struct HttpAnswer {
  int status = 0;
  std::string upload_offset;  // headers; empty where they are missing
  std::string retry_after;
  std::string location;
  std::string body;  // at most 64 KiB
};

// Not thread-safe, but for Cancel.
class HttpClient {
 public:
  explicit HttpClient(Url url);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  // Waits for a look-up of the host's name that is under way: the system cannot cut it short.
  ~HttpClient();

  // Sends and waits for the answer, `timeout` for all of it. A request on a connection that the
  // server has closed meanwhile is sent once more on a new one, so requests must be idempotent.
  // kUnavailable says what failed, kCancelled after Cancel.
  Result<HttpAnswer> Send(const HttpRequest& request, std::chrono::milliseconds timeout);

  // Of `timeout`, what a look-up of the host and a connection may take; all of it unless set.
  void set_connect_timeout(std::chrono::milliseconds timeout) { connect_timeout_ = timeout; }

  // Ends a Send, now or to come, within about 50 ms. From any thread.
  void Cancel() { is_cancelled_ = true; }

 private:
  class Connection;

  const Url url_;
  std::chrono::milliseconds connect_timeout_ = std::chrono::milliseconds::max();
  std::atomic<bool> is_cancelled_ = false;
  std::unique_ptr<Connection> connection_;
};

}  // namespace spirogram::logger
