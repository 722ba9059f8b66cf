#include "web/net/http_session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <ctime>
#include <sstream>

#include "base/str.h"
#include "web/security.h"

namespace spirogram::web::net {
namespace {

using std::chrono::milliseconds;

// A pipelined head may follow a body in the same read.
constexpr size_t kBufferBytesMax = kHeadBytesMax + kBodyBytesMax;
constexpr size_t kReadBytes = 4096;
// After a refusal the peer gets this long to send its rest and to read the answer before the
// connection is cut. Many clients read nothing before they have sent all of a body.
constexpr milliseconds kLingerTimeout{2000};
constexpr size_t kDiscardBytes = size_t{64} << 10;
// A reader slower than this does not hold an answer for ever.
constexpr size_t kWriteBytesPerMsMin = 64;
constexpr milliseconds kPartRetry{50};

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

// RFC 9110 6.6.1: "Tue, 24 Nov 2026 12:00:00 GMT".
std::string HttpDate(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

// Beast's message as ours. The body is added once it is read.
Request ToRequest(const http::request<http::string_body>& message) {
  Request request;
  request.method = View(message.method_string());
  request.target = View(message.target());
  for (const auto& field : message) {
    request.headers.push_back(
        {std::string(View(field.name_string())), std::string(View(field.value()))});
  }
  request.id = Service::NewRequestId();
  return request;
}

http::response<http::string_body> ToMessage(Response response, bool keep_alive) {
  http::response<http::string_body> message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.reason(ReasonPhrase(response.status));
  for (const Header& header : response.headers) message.set(header.name, header.value);
  message.set(http::field::date, HttpDate(std::time(nullptr)));
  message.keep_alive(keep_alive);
  if (response.stream != nullptr) return message;  // whoever sends it knows how it ends
  // RFC 9110 8.6: no length where there can be no body.
  if (response.status != 204 && response.status != 304) {
    message.content_length(response.body.size());
    if (!response.is_head) message.body() = std::move(response.body);
  }
  return message;
}

}  // namespace

HttpSession::HttpSession(ServerState& state, Socket socket)
    : state_(state),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      buffer_(kBufferBytesMax) {}

void HttpSession::Start() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  const auto id =
      state_.connections.Add(weak_from_this(), static_cast<size_t>(state_.options.connections_max));
  if (id == 0) {
    request_.id = Service::NewRequestId();
    return Refuse(503,
                  StrCat("more than ", state_.options.connections_max, " connections are open"));
  }
  slot_.emplace(state_, id);
  ReadHead();
}

void HttpSession::Drain() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    // A busy session closes behind its answer: is_stopping is set.
    if (self->phase_ == Phase::kIdle) self->Close();
  });
}

void HttpSession::Abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
}

void HttpSession::ReadHead() {
  const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  const HeadScan scan = ScanHead(bytes);
  if (scan.verdict == HeadScan::Verdict::kComplete) return ParseHead(scan.bytes);
  if (scan.verdict == HeadScan::Verdict::kRefused) {
    request_ = {};
    request_.id = Service::NewRequestId();
    return Refuse(scan.status, scan.reason);
  }
  if (bytes.empty()) {
    if (state_.is_stopping) return Close();
    phase_ = Phase::kIdle;
    is_head_begun_ = false;
    deadline_.Set(milliseconds(state_.options.idle_timeout_ms), shared_from_this(),
                  &HttpSession::OnDeadline);
  } else if (!is_head_begun_) {
    // From its first byte on a head has a fixed time, however slowly more of it comes.
    is_head_begun_ = true;
    phase_ = Phase::kBusy;
    deadline_.Set(milliseconds(state_.options.header_timeout_ms), shared_from_this(),
                  &HttpSession::OnDeadline);
  }
  const size_t room = std::min(kReadBytes, kHeadBytesMax - std::min(kHeadBytesMax, bytes.size()));
  socket_.async_read_some(buffer_.prepare(std::max<size_t>(room, 1)),
                          [self = shared_from_this()](boost::system::error_code error, size_t n) {
                            self->OnHeadBytes(error, n);
                          });
}

void HttpSession::OnHeadBytes(boost::system::error_code error, size_t bytes) {
  if (error) return Close();
  buffer_.commit(bytes);
  ReadHead();
}

void HttpSession::ParseHead(size_t head_bytes) {
  phase_ = Phase::kBusy;
  is_head_begun_ = false;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(kHeadBytesMax));
  parser_->body_limit(kIngestBodyBytesMax);  // the head was held to its own bound
  boost::system::error_code error;
  const size_t used = parser_->put(asio::buffer(buffer_.data(), head_bytes), error);
  buffer_.consume(used);
  if (error == http::error::need_more) error = {};
  if (error || !parser_->is_header_done()) {
    request_ = {};
    request_.id = Service::NewRequestId();
    if (error != http::error::body_limit) return Refuse(400, "the request cannot be parsed");
    return Refuse(413, StrCat("the body is longer than the ", kIngestBodyBytesMax,
                              " bytes that the largest may have"));
  }
  keep_alive_ = parser_->get().version() == 11 && parser_->get().keep_alive();
  request_ = ToRequest(parser_->get());
  if (std::optional<Response> refusal = state_.service.Admit(&request_)) {
    keep_alive_ = false;  // its body is not read, so the next request cannot be found
    has_unread_ = true;
    return Write(*std::move(refusal));
  }
  if (IsUpgrade()) {
    deadline_.Cancel();
    return StartLiveSession(state_, std::move(socket_), *std::move(slot_), parser_->release(),
                            request_.id);
  }
  if (!TakeBodySlot()) return;
  ReadBody();
}

// False, and the client is told to come again, when too many large bodies are under way.
bool HttpSession::TakeBodySlot() {
  const auto length = parser_->content_length();
  if (!length || *length <= kBodyBytesMax) return true;
  std::optional<LargeBodySlot> slot = LargeBodySlot::Take(state_);
  if (slot) {
    body_slot_.emplace(std::move(*slot));
    return true;
  }
  Response response = Service::TransportProblem(
      429, StrCat(kLargeBodiesMax, " large bodies are being taken in; send it again"), request_.id);
  response.Set("Retry-After", "1");
  keep_alive_ = false;
  has_unread_ = true;
  Write(std::move(response));
  return false;
}

bool HttpSession::IsUpgrade() const {
  return Service::IsLivePath(request_.path()) && request_.query().empty() &&
         beast::websocket::is_upgrade(parser_->get());
}

void HttpSession::ReadBody() {
  if (parser_->is_done()) return Run();
  const std::string_view expect = request_.Get("Expect");
  if (!expect.empty() && !EqualsIgnoreCase(expect, "100-continue")) {
    return Refuse(417, "want Expect: 100-continue or none");
  }
  deadline_.Set(milliseconds(state_.options.body_timeout_ms), shared_from_this(),
                &HttpSession::OnDeadline);
  const auto read = [self = shared_from_this()](boost::system::error_code error, size_t) {
    if (error) return self->Close();
    http::async_read(self->socket_, self->buffer_, *self->parser_,
                     [self](boost::system::error_code read_error, size_t) {
                       if (read_error) return self->Close();
                       self->request_.body = std::move(self->parser_->get().body());
                       self->Run();
                     });
  };
  if (expect.empty() || buffer_.size() > 0) return read({}, 0);
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()), read);
}

void HttpSession::Run() {
  // Handlers have no deadline of their own; the one that is set must not cut them off.
  deadline_.Set(std::chrono::hours(1), shared_from_this(), &HttpSession::OnDeadline);
  WorkerPool& workers = request_.path() == kIngestPath ? *state_.ingest_workers : *state_.workers;
  const bool is_queued = workers.TryRun([self = shared_from_this()] {
    auto response = std::make_shared<Response>(self->state_.service.Handle(self->request_));
    asio::post(self->socket_.get_executor(),
               [self, response] { self->Write(std::move(*response)); });
  });
  if (!is_queued) Refuse(503, "too many requests wait for a worker");
}

void HttpSession::Write(Response response) {
  if (phase_ == Phase::kClosing) return;
  if (state_.is_stopping) keep_alive_ = false;
  if (response.stream != nullptr) return WriteStreamHead(std::move(response));
  const size_t bytes = response.body.size();
  response_.emplace(ToMessage(std::move(response), keep_alive_));
  deadline_.Set(
      milliseconds(state_.options.idle_timeout_ms) + milliseconds(bytes / kWriteBytesPerMsMin),
      shared_from_this(), &HttpSession::OnDeadline);
  http::async_write(socket_, *response_,
                    [self = shared_from_this()](boost::system::error_code error, size_t) {
                      self->OnWritten(error);
                    });
}

// HTTP/1.0 knows no chunks: there the body ends with the connection.
void HttpSession::WriteStreamHead(Response response) {
  is_chunked_ = parser_->get().version() == 11;
  stream_ = std::move(response.stream);
  response.stream = stream_;
  const bool is_head = response.is_head;
  response_.emplace(ToMessage(std::move(response), keep_alive_));
  if (is_chunked_) response_->set(http::field::transfer_encoding, "chunked");
  auto text = std::make_shared<std::ostringstream>();
  *text << response_->base();
  part_ = text->str();
  if (is_head) stream_.reset();
  deadline_.Set(milliseconds(state_.options.idle_timeout_ms), shared_from_this(),
                &HttpSession::OnDeadline);
  asio::async_write(socket_, asio::buffer(part_),
                    [self = shared_from_this()](boost::system::error_code error, size_t) {
                      if (error || self->stream_ == nullptr) return self->OnWritten(error);
                      self->MakePart();
                    });
}

void HttpSession::MakePart() {
  if (phase_ == Phase::kClosing) return;
  deadline_.Set(std::chrono::hours(1), shared_from_this(), &HttpSession::OnDeadline);
  const bool is_queued = state_.workers->TryRun([self = shared_from_this(), stream = stream_] {
    auto part = std::make_shared<Result<std::string>>(Exhausted("no memory for the next part"));
    try {
      *part = stream->NextPart();
    } catch (...) {
      // Out of memory, most likely: the part stays the error that it is.
    }
    asio::post(self->socket_.get_executor(), [self, part] { self->WritePart(std::move(*part)); });
  });
  // Others want the workers: what is half told waits for its turn.
  if (!is_queued) deadline_.Set(kPartRetry, shared_from_this(), &HttpSession::MakePart);
}

void HttpSession::WritePart(Result<std::string> part) {
  if (phase_ == Phase::kClosing) return;
  if (!part.ok()) return Close();  // without its end the client knows that it is not whole
  const bool is_end = part->empty();
  part_ = *std::move(part);
  if (is_end) stream_.reset();
  deadline_.Set(milliseconds(state_.options.idle_timeout_ms) +
                    milliseconds(part_.size() / kWriteBytesPerMsMin),
                shared_from_this(), &HttpSession::OnDeadline);
  const auto on_written = [self = shared_from_this()](boost::system::error_code error, size_t) {
    if (error || self->stream_ == nullptr) return self->OnWritten(error);
    self->MakePart();
  };
  if (!is_chunked_) return asio::async_write(socket_, asio::buffer(part_), on_written);
  if (is_end) return asio::async_write(socket_, http::make_chunk_last(), on_written);
  asio::async_write(socket_, http::make_chunk(asio::buffer(part_)), on_written);
}

void HttpSession::OnWritten(boost::system::error_code error) {
  response_.reset();
  parser_.reset();
  request_.body = {};
  body_slot_.reset();
  stream_.reset();
  part_ = {};
  if (error) return Close();
  if (!keep_alive_) return has_unread_ ? Linger() : Close();
  request_ = {};
  ReadHead();
}

void HttpSession::Refuse(int status, std::string_view detail) {
  keep_alive_ = false;
  has_unread_ = true;
  Write(Service::TransportProblem(status, detail, request_.id));
}

// Closing a socket with unread bytes resets the connection, and the peer may lose the answer that
// says why. So the peer's rest is read and dropped for a moment (RFC 9112 9.6).
void HttpSession::Linger() {
  if (phase_ == Phase::kClosing) return;
  phase_ = Phase::kClosing;
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.consume(buffer_.size());
  deadline_.Set(kLingerTimeout, shared_from_this(), &HttpSession::OnDeadline);
  Discard();
}

void HttpSession::Discard() {
  socket_.async_read_some(buffer_.prepare(kDiscardBytes),
                          [self = shared_from_this()](boost::system::error_code error, size_t) {
                            if (error) return self->Close();
                            self->Discard();
                          });
}

void HttpSession::OnDeadline() {
  Close();
}

void HttpSession::Close() {
  phase_ = Phase::kClosing;
  stream_.reset();
  deadline_.Cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  slot_.reset();
}

void StartHttpSession(ServerState& state, Socket socket) {
  std::make_shared<HttpSession>(state, std::move(socket))->Start();
}

}  // namespace spirogram::web::net
