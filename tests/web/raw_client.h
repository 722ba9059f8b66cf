// A TCP client that sends exactly the bytes it is told to and reads what comes: what a library
// would refuse to send is what a server must withstand.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace spirogram::testing {

struct RawResponse {
  int status = 0;  // 0: the connection ended before an answer
  std::string head;
  std::string body;

  bool Has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class RawClient {
 public:
  RawClient() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Reads give up in the end, so that a defect fails the test instead of hanging it.
    const timeval limit{30, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  explicit RawClient(uint16_t port) : RawClient() { Connect(port); }

  void Connect(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  // False when the peer has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  void EndOfSending() { shutdown(socket_.get(), SHUT_WR); }

  // One answer; `is_head` says that its length announces a body that does not come.
  RawResponse Read(bool is_head = false) {
    RawResponse response;
    size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Receive()) return response;
    }
    response.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    response.status = std::atoi(response.head.c_str() + 9);
    const size_t at = response.head.find("Content-Length: ");
    const size_t length = at == std::string::npos || is_head
                              ? 0
                              : std::strtoul(response.head.c_str() + at + 16, nullptr, 10);
    while (buffer_.size() < length) {
      if (!Receive()) break;
    }
    response.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return response;
  }

  // Everything up to and with `mark`, or to the end of the connection where that does not come.
  std::string ReadUntil(std::string_view mark) {
    size_t from = 0;
    while (mark.empty() || buffer_.find(mark, from) == std::string::npos) {
      from = buffer_.size() > mark.size() ? buffer_.size() - mark.size() : 0;
      if (!Receive()) return std::exchange(buffer_, {});
    }
    const size_t end = buffer_.find(mark, from) + mark.size();
    std::string read = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return read;
  }

  // Whether the peer has ended the connection and sent nothing more.
  bool IsAtEnd() { return buffer_.empty() && !Receive() && has_ended_; }
  // Drops what comes until the peer ends the connection; false when it does not.
  bool DiscardToEnd() {
    while (Receive()) buffer_.clear();
    return has_ended_;
  }
  int fd() const { return socket_.get(); }

 private:
  bool Receive() {
    char bytes[65536];
    ssize_t got = -1;
    do {  // a process that was stopped for a while goes on here with an error
      got = recv(socket_.get(), bytes, sizeof bytes, 0);
    } while (got < 0 && errno == EINTR);
    has_ended_ = got == 0 || (got < 0 && errno != EAGAIN);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  FileDescriptor socket_;
  std::string buffer_;
  bool has_ended_ = false;
};

}  // namespace spirogram::testing
