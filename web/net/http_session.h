// One HTTP/1.1 connection: head, scan, body, handler on a worker, answer, and again. One request is
// under way at a time; pipelined ones wait in the buffer.
//
// Lives as long as an operation of its own is pending. Everything runs on the socket's executor but
// the handler, which runs on a worker and posts its answer back.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <string>

#include "web/net/connection.h"
#include "web/prescan.h"

namespace spirogram::web::net {

namespace beast = boost::beast;
namespace http = beast::http;

class HttpSession : public Connection, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ServerState& state, Socket socket);

  // Begins to serve; where there is no room it says so and ends.
  void Start();
  void Drain() override;
  void Abort() override;

 private:
  enum class Phase { kIdle, kBusy, kClosing };
  using Parser = http::request_parser<http::string_body>;

  void ReadHead();
  void OnHeadBytes(boost::system::error_code error, size_t bytes);
  void ParseHead(size_t head_bytes);
  bool IsUpgrade() const;
  bool TakeBodySlot();
  void ReadBody();
  void Run();
  void Write(Response response);
  void WriteStreamHead(Response response);
  void MakePart();
  void WritePart(Result<std::string> part);
  void OnWritten(boost::system::error_code error);
  void Refuse(int status, std::string_view detail);
  void Linger();
  void Discard();
  void OnDeadline();
  void Close();

  ServerState& state_;
  Socket socket_;
  Deadline<HttpSession> deadline_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Request request_;
  std::optional<http::response<http::string_body>> response_;
  // Of an answer whose body is made while it is sent.
  std::shared_ptr<BodySource> stream_;
  bool is_chunked_ = false;
  std::string part_;
  std::optional<ConnectionSlot> slot_;
  std::optional<LargeBodySlot> body_slot_;
  Phase phase_ = Phase::kIdle;
  bool keep_alive_ = false;
  bool is_head_begun_ = false;
  bool has_unread_ = false;  // the peer may still be sending what nobody reads
};

// Takes over a connection whose head asked for an upgrade (live_session.cc).
void StartLiveSession(ServerState& state, Socket socket, ConnectionSlot slot,
                      http::request<http::string_body> head, std::string request_id);

}  // namespace spirogram::web::net
