// One live page's WebSocket. It carries frames of the LiveHub and knows nothing of what they say.
#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>

#include "base/str.h"
#include "web/net/http_session.h"

namespace spirogram::web::net {
namespace {

namespace websocket = beast::websocket;
using std::chrono::milliseconds;

constexpr size_t kMessageBytesMax = 64 * 1024;
constexpr milliseconds kCloseTimeout{2000};
constexpr size_t kChunkBytes = 256 * 1024;

// Lives as long as an operation of its own is pending. Everything runs on the socket's executor but
// Wake, Drain and Abort, which post to it.
class LiveSession : public Connection, public std::enable_shared_from_this<LiveSession> {
 public:
  LiveSession(ServerState& state, Socket socket, ConnectionSlot slot, std::string request_id)
      : state_(state),
        stream_(std::move(socket)),
        write_deadline_(stream_.get_executor()),
        peer_deadline_(stream_.get_executor()),
        slot_(std::move(slot)),
        request_id_(std::move(request_id)) {}

  void Accept(http::request<http::string_body> head) {
    state_.connections.Replace(slot_->id(), weak_from_this());
    // Answers are numbers, which do not compress well enough to pay for the memory of a window.
    websocket::permessage_deflate deflate;
    deflate.server_enable = false;
    stream_.set_option(deflate);
    stream_.read_message_max(kMessageBytesMax);
    stream_.set_option(
        websocket::stream_base::decorator([id = request_id_](websocket::response_type& response) {
          Response headers;
          AddSecurityHeaders(id, &headers);
          for (const Header& header : headers.headers) response.set(header.name, header.value);
        }));
    stream_.control_callback([this](websocket::frame_type, beast::string_view) { OnPeerAlive(); });
    OnPeerAlive();
    head_ = std::move(head);
    stream_.async_accept(head_, [self = shared_from_this()](boost::system::error_code error) {
      self->OnAccepted(error);
    });
  }

  void Drain() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      self->CloseGently(websocket::close_code::going_away, "the server stops");
    });
  }

  void Abort() override {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->Finish(); });
  }

 private:
  void OnAccepted(boost::system::error_code error) {
    if (error) return Finish();
    is_open_ = true;
    const auto joined = state_.service.live().Join([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->Wake();
    });
    Read();
    if (!joined.ok()) {
      return CloseGently(websocket::close_code::try_again_later, joined.error().message);
    }
    client_ = *joined;
    if (state_.is_stopping) {
      return CloseGently(websocket::close_code::going_away, "the server stops");
    }
    WriteNext();
  }

  // From any thread, possibly a thousand times a second: one post is enough until it has run.
  void Wake() {
    if (is_woken_.exchange(true)) return;
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      self->is_woken_ = false;
      self->WriteNext();
    });
  }

  void Read() {
    stream_.async_read(buffer_, [self = shared_from_this()](boost::system::error_code error,
                                                            size_t) { self->OnMessage(error); });
  }

  void OnMessage(boost::system::error_code error) {
    if (error) return Finish();
    OnPeerAlive();
    if (!stream_.got_text()) {
      CloseGently(websocket::close_code::unknown_data, "want text messages");
    } else if (client_ && !is_closing_) {
      const std::string_view text(static_cast<const char*>(buffer_.data().data()), buffer_.size());
      state_.service.live().Receive(*client_, text);
    }
    buffer_.consume(buffer_.size());
    Read();
  }

  void WriteNext() {
    if (is_writing_ || is_closing_ || !client_) return;
    std::optional<LiveFrame> frame = state_.service.live().TakeNext(*client_);
    if (!frame) return;
    frame_ = std::move(frame->bytes);
    written_ = 0;
    is_writing_ = true;
    stream_.binary(frame->is_binary);
    WriteChunk();
  }

  // A large frame goes out in fragments, so that the deadline tells a page that reads slowly from
  // one that does not read.
  void WriteChunk() {
    const size_t bytes = std::min(kChunkBytes, frame_->size() - written_);
    const bool is_last = written_ + bytes == frame_->size();
    write_deadline_.Set(milliseconds(state_.options.live_write_timeout_ms), shared_from_this(),
                        &LiveSession::OnWriteDeadline);
    stream_.async_write_some(
        is_last, asio::buffer(frame_->data() + written_, bytes),
        [self = shared_from_this()](boost::system::error_code error, size_t written) {
          self->OnWritten(error, written);
        });
  }

  void OnWritten(boost::system::error_code error, size_t written) {
    if (error) return Finish();
    written_ += written;
    if (written_ < frame_->size() && !is_closing_) return WriteChunk();
    is_writing_ = false;
    frame_.reset();
    WriteNext();
  }

  void OnWriteDeadline() {
    if (is_writing_ || is_closing_) Finish();
  }

  void OnPeerAlive() {
    is_pinged_ = false;
    peer_deadline_.Set(milliseconds(state_.options.idle_timeout_ms / 2), shared_from_this(),
                       &LiveSession::OnPeerSilent);
  }

  // Half the time of silence: ask. The whole time: the peer is gone, though its TCP does not know.
  void OnPeerSilent() {
    if (is_pinged_ || !is_open_) return Finish();
    is_pinged_ = true;
    peer_deadline_.Set(milliseconds(state_.options.idle_timeout_ms / 2), shared_from_this(),
                       &LiveSession::OnPeerSilent);
    stream_.async_ping({}, [self = shared_from_this()](boost::system::error_code) {});
  }

  void CloseGently(websocket::close_code code, std::string_view reason) {
    if (is_closing_) return;
    is_closing_ = true;
    if (!is_open_) return Finish();
    write_deadline_.Set(kCloseTimeout, shared_from_this(), &LiveSession::OnWriteDeadline);
    const websocket::close_reason why(code, beast::string_view(reason.data(), reason.size()));
    // The read that is pending ends with it and finishes the session.
    stream_.async_close(why,
                        [self = shared_from_this()](boost::system::error_code) { self->Finish(); });
  }

  void Finish() {
    is_closing_ = true;
    if (client_) state_.service.live().Leave(*client_);
    client_.reset();
    write_deadline_.Cancel();
    peer_deadline_.Cancel();
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    slot_.reset();
  }

  ServerState& state_;
  websocket::stream<Socket> stream_;
  Deadline<LiveSession> write_deadline_;
  Deadline<LiveSession> peer_deadline_;
  std::optional<ConnectionSlot> slot_;
  const std::string request_id_;
  http::request<http::string_body> head_;
  beast::flat_buffer buffer_;
  std::shared_ptr<const std::string> frame_;  // being written
  size_t written_ = 0;                        // bytes of it
  std::optional<LiveClientId> client_;
  std::atomic<bool> is_woken_ = false;
  bool is_open_ = false;
  bool is_writing_ = false;
  bool is_closing_ = false;
  bool is_pinged_ = false;
};

}  // namespace

void StartLiveSession(ServerState& state, Socket socket, ConnectionSlot slot,
                      http::request<http::string_body> head, std::string request_id) {
  std::make_shared<LiveSession>(state, std::move(socket), std::move(slot), std::move(request_id))
      ->Accept(std::move(head));
}

}  // namespace spirogram::web::net
