#include "logger/remote/http_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "base/str.h"

namespace spirogram::logger {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr auto kCancelInterval = std::chrono::milliseconds(50);
constexpr uint32_t kAnswerHeadBytesMax = 16 << 10;
constexpr uint64_t kAnswerBodyBytesMax = 64 << 10;

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

// The socket with a loop of its own: Asio has no blocking calls with a timeout, so each step is
// started, and the loop is run until it is done, late or cancelled.
class HttpClient::Connection {
 public:
  Connection(const Url& url, const std::atomic<bool>& is_cancelled)
      : url_(url), is_cancelled_(is_cancelled), resolver_(loop_), socket_(loop_) {}

  // Deadline of the steps to come.
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
  bool was_used() const { return was_used_; }

  Status Connect() {
    const auto resolved = std::make_shared<tcp::resolver::results_type>();
    RETURN_IF_ERROR(Await("look up the host", [&](auto done) {
      resolver_.async_resolve(url_.host, StrCat(url_.port),
                              [done, resolved](error_code error, auto results) {
                                *resolved = std::move(results);
                                done(error);
                              });
    }));
    RETURN_IF_ERROR(Await("connect", [&](auto done) {
      asio::async_connect(
          socket_, *resolved,
          [done, resolved](error_code error, const tcp::endpoint&) { done(error); });
    }));
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    return {};
  }

  Result<HttpAnswer> Exchange(const HttpRequest& request) {
    message_ = http::request<http::span_body<const char>>(
        http::string_to_verb(ToView(request.method)), url_.prefix + request.target, 11);
    message_.set(http::field::host, url_.Authority());
    message_.set(http::field::user_agent, "spirogram-logger");
    if (!request.body.empty()) {
      message_.set(http::field::content_type, ToView(request.content_type));
      message_.body() = {request.body.data(), request.body.size()};
      message_.prepare_payload();
    }
    RETURN_IF_ERROR(Await("send", [&](auto done) {
      http::async_write(socket_, message_, [done](error_code error, size_t) { done(error); });
    }));
    parser_.emplace();
    parser_->header_limit(kAnswerHeadBytesMax);
    parser_->body_limit(kAnswerBodyBytesMax);
    RETURN_IF_ERROR(Await("read the answer", [&](auto done) {
      http::async_read(socket_, buffer_, *parser_,
                       [done](error_code error, size_t) { done(error); });
    }));
    was_used_ = true;
    keeps_alive_ = parser_->get().keep_alive();
    const auto& answer = parser_->get();
    return HttpAnswer{static_cast<int>(answer.result_int()),
                      std::string(View(answer["Upload-Offset"])),
                      std::string(View(answer[http::field::retry_after])),
                      std::string(View(answer[http::field::location])), answer.body()};
  }

  bool keeps_alive() const { return keeps_alive_; }

 private:
  static beast::string_view ToView(std::string_view text) { return {text.data(), text.size()}; }

  // Runs one step that `start` begins; it gets the function to call when the step is done.
  template <typename Start>
  Status Await(std::string_view what, const Start& start) {
    std::optional<error_code> result;
    start([&result](error_code error) { result = error; });
    loop_.restart();
    while (!result && !is_cancelled_ && Clock::now() < deadline_) {
      loop_.run_one_until(std::min(deadline_, Clock::now() + kCancelInterval));
    }
    if (!result) {
      // The step holds references to this frame: it must end before it.
      error_code ignored;
      socket_.close(ignored);
      resolver_.cancel();
      while (!result) loop_.run_one();
      if (is_cancelled_) return Cancelled("the logger is closing");
      return Unavailable(StrCat(url_.ToString(), ": ", what, ": no end in time"));
    }
    if (!*result) return {};
    return Unavailable(StrCat(url_.ToString(), ": ", what, ": ", result->message()));
  }

  const Url& url_;
  const std::atomic<bool>& is_cancelled_;
  asio::io_context loop_{1};
  tcp::resolver resolver_;
  tcp::socket socket_;
  beast::flat_buffer buffer_;
  http::request<http::span_body<const char>> message_;
  std::optional<http::response_parser<http::string_body>> parser_;
  Clock::time_point deadline_;
  bool was_used_ = false;
  bool keeps_alive_ = false;
};

HttpClient::HttpClient(Url url) : url_(std::move(url)) {}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::Send(const HttpRequest& request, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (true) {
    const bool is_new = connection_ == nullptr;
    if (is_new) connection_ = std::make_unique<Connection>(url_, is_cancelled_);
    connection_->set_deadline(
        std::min(deadline, Clock::now() + std::min(timeout, connect_timeout_)));
    Status status = is_new ? connection_->Connect() : Status();
    connection_->set_deadline(deadline);
    Result<HttpAnswer> answer =
        status.ok() ? connection_->Exchange(request) : Result<HttpAnswer>(status.error());
    if (answer.ok() && connection_->keeps_alive()) return answer;
    const bool was_idle = connection_->was_used() && !is_new;
    connection_.reset();
    if (answer.ok() || !was_idle || is_cancelled_ || Clock::now() >= deadline) return answer;
  }
}

}  // namespace spirogram::logger
