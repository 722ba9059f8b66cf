// Asks a server of this machine for one path over and over, on so many connections at once, each
// with one request under way, and prints rate and latencies as one line of JSON. Every answer must
// be the first one, byte by byte. A connection that the server closes is opened again.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"
#include "bench/seconds.h"

namespace spirogram::bench {
namespace {

[[noreturn]] void Fail(std::string_view what) {
  std::fprintf(stderr, "http_load: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

struct Target {
  uint16_t port = 0;
  std::string request;
};

// One whole answer at the front of `bytes`, or nothing yet.
struct Answer {
  std::string_view body;
  bool is_last = false;  // of its connection
};

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The value of a field; names are matched in either case.
std::string_view FieldOf(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at < head.size(); at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualsIgnoreCase(line.substr(0, colon), name)) continue;
    const size_t value = line.find_first_not_of(' ', colon + 1);
    return value == std::string_view::npos ? "" : line.substr(value);
  }
  return "";
}

std::optional<Answer> ParseAnswer(std::string_view bytes) {
  const size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const std::string_view head = bytes.substr(0, head_end);
  if (head.substr(8, 5) != " 200 ") Fail(StrCat("answered ", head.substr(0, head.find('\r'))));
  const std::string length(FieldOf(head, "Content-Length"));
  if (length.empty()) Fail("an answer of unknown length");
  const auto body_bytes = static_cast<size_t>(std::atoll(length.c_str()));
  if (bytes.size() - head_end - 4 < body_bytes) return std::nullopt;
  const bool is_last =
      head.substr(0, 8) == "HTTP/1.0" || EqualsIgnoreCase(FieldOf(head, "Connection"), "close");
  return Answer{bytes.substr(head_end + 4, body_bytes), is_last};
}

class Connection {
 public:
  explicit Connection(const Target& target) : target_(target) { Open(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd_); }

  int fd() const { return fd_; }
  double asked_at() const { return asked_at_; }

  void Ask() {
    asked_at_ = Seconds(CLOCK_MONOTONIC);
    const auto bytes = static_cast<ssize_t>(target_.request.size());
    if (send(fd_, target_.request.data(), target_.request.size(), MSG_NOSIGNAL) != bytes) {
      Fail("a request could not be sent");
    }
  }

  // Waits for bytes and takes them in.
  std::optional<Answer> Receive() {
    char part[16 << 10];
    const ssize_t bytes = recv(fd_, part, sizeof part, 0);
    if (bytes <= 0) Fail("a connection ended before its answer");
    received_.append(part, static_cast<size_t>(bytes));
    return ParseAnswer(received_);
  }

  // Ready to ask again. True when the socket is another one.
  bool Finish(bool is_last) {
    received_.clear();
    if (!is_last) return false;
    close(fd_);
    Open();
    return true;
  }

 private:
  void Open() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(target_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    if (fd_ < 0 || connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      Fail(StrCat("port ", target_.port, " cannot be connected to"));
    }
    const int is_on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof is_on);
  }

  const Target& target_;
  int fd_ = -1;
  double asked_at_ = 0;
  std::string received_;
};

std::string FirstAnswer(const Target& target) {
  Connection connection(target);
  connection.Ask();
  while (true) {
    if (const auto answer = connection.Receive()) return std::string(answer->body);
  }
}

// Latencies in seconds, of each answer until `seconds` have passed.
std::vector<double> Load(const Target& target, const std::string& want, int connections,
                         double seconds) {
  const int epoll = epoll_create1(0);
  std::vector<std::unique_ptr<Connection>> all;
  const auto watch = [&](Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd(), &event);
  };
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(target));
    watch(all.back().get());
    all.back()->Ask();
  }
  std::vector<double> latencies;
  const double deadline = Seconds(CLOCK_MONOTONIC) + seconds;
  while (Seconds(CLOCK_MONOTONIC) < deadline) {
    epoll_event events[64];
    const int ready = epoll_wait(epoll, events, std::size(events), 1000);
    for (int i = 0; i < ready; ++i) {
      auto* connection = static_cast<Connection*>(events[i].data.ptr);
      const auto answer = connection->Receive();
      if (!answer) continue;
      if (answer->body != want) Fail(StrCat("another answer: ", answer->body.substr(0, 200)));
      latencies.push_back(Seconds(CLOCK_MONOTONIC) - connection->asked_at());
      if (connection->Finish(answer->is_last)) watch(connection);
      connection->Ask();
    }
  }
  close(epoll);
  return latencies;
}

int Run(const Target& target, int connections, double seconds) {
  const std::string want = FirstAnswer(target);
  const double began = Seconds(CLOCK_MONOTONIC);
  std::vector<double> latencies = Load(target, want, connections, seconds);
  const double took = Seconds(CLOCK_MONOTONIC) - began;
  if (latencies.empty()) Fail("no answer came in time");
  std::sort(latencies.begin(), latencies.end());
  const auto quantile_ms = [&](double share) {
    const auto last = static_cast<double>(latencies.size() - 1);
    return 1000 * latencies[static_cast<size_t>(share * last)];
  };
  std::printf(
      "{\"requests\":%zu,\"seconds\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"most_ms\":%.3f,"
      "\"bytes\":%zu,\"own_cpu_seconds\":%.3f}\n",
      latencies.size(), took, quantile_ms(0.5), quantile_ms(0.99), quantile_ms(1), want.size(),
      Seconds(CLOCK_PROCESS_CPUTIME_ID));
  return 0;
}

}  // namespace
}  // namespace spirogram::bench

int main(int argc, char** argv) {
  using spirogram::StrCat;
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s PORT PATH CONNECTIONS SECONDS\n", argv[0]);
    return 2;
  }
  const spirogram::bench::Target target{
      static_cast<uint16_t>(std::atoi(argv[1])),
      StrCat("GET ", argv[2], " HTTP/1.1\r\nHost: 127.0.0.1:", argv[1], "\r\n\r\n")};
  return spirogram::bench::Run(target, std::atoi(argv[3]), std::atof(argv[4]));
}
