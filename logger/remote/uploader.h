// The logger's second thread: sends to a server what the event writer puts into files. The files
// are the queue, so nothing is lost while the server is away or when this program dies: what is
// left in the run's folder is sent by the run's next logger, or by `spirogram upload`.
//
// It never holds up the writer. Where files wait in a spool, what is acknowledged is given back to
// the disk, and a file goes once it is closed and wholly acknowledged; when more than the bound
// waits, HasRoom says no and the writer drops what is new, so that what was kept stays in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "logger/file_follower.h"
#include "logger/logger.h"
#include "logger/remote/backoff.h"
#include "logger/remote/file_sender.h"
#include "logger/remote/ingest_client.h"
#include "logger/remote/spool.h"

namespace spirogram::logger {

class Uploader final : public FileFollower {
 public:
  struct Options {
    Url url;
    std::string run;
    std::string folder;      // holds the run's event files
    std::string spool_root;  // files below it are removed once sent; empty: they stay
    uint64_t waiting_bytes_max = UINT64_MAX;
    std::chrono::milliseconds close_timeout{10'000};
  };

  explicit Uploader(Options options);
  // Waits up to the close timeout for what is left to be sent, and logs what then still is.
  ~Uploader() override;

  // False when the system refused the thread.
  bool Start();

  void OnFileOpened(const std::string& path, uint64_t bytes) noexcept override;
  void OnFileClosed() noexcept override;
  void OnWritten(uint64_t bytes) noexcept override;
  bool KeepsFiles() const noexcept override { return options_.spool_root.empty(); }
  bool HasRoom(uint64_t bytes) noexcept override;

  // Waits until what was written before the call is acknowledged, and what was left by others too.
  // Returns early when the server refuses it.
  UploadStatus WaitUntilSent(std::chrono::milliseconds timeout);
  UploadStatus GetStatus() const;

 private:
  // A file on its way to the server.
  struct Item {
    std::unique_ptr<FileSender> sender;
    bool is_own = false;       // the writer of this logger made it
    bool is_open = false;      // and still writes it
    bool is_given_up = false;  // nothing more of it is sent
    std::optional<OrphanFile> claim;

    // Bytes that nobody waits for any more.
    uint64_t DoneBytes() const;
  };
  enum class Outcome { kDone, kRefused, kLater };

  void Run();
  void PickUpOrphans();
  void TakeNews();
  void AddItem(const std::string& path, bool is_own);
  Outcome SendAll();
  FileSender::State SendItem(Item* item);
  bool IsFinished(const Item& item) const;
  void Finish(Item* item);
  UploadStatus StatusNow() const;
  void Publish();
  void EndRound(Outcome outcome);
  void Warn(const std::string& why);
  void WaitForWork(Outcome outcome);
  void WaitFor(std::chrono::milliseconds delay);
  bool IsStopping() const;

  const Options options_;
  IngestClient client_;

  // Of the thread alone.
  std::deque<Item> items_;
  Backoff backoff_;
  std::chrono::seconds retry_after_{0};
  std::string failure_;           // of this round; empty: none
  bool is_warned_ = false;        // the warning of this outage is out
  uint64_t own_done_before_ = 0;  // bytes of own files that are finished

  std::atomic<uint64_t> own_written_ = 0;
  std::atomic<uint64_t> own_done_ = 0;

  struct News {
    std::string opened;  // empty: the open file was closed
  };
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable wake_;
  std::condition_variable settled_;
  std::deque<News> news_;
  bool has_written_ = false;
  int waiters_ = 0;  // somebody waits: delays are short
  bool is_stopping_ = false;
  bool is_settled_ = false;  // all is sent, or refused: nothing will change by itself
  bool are_others_done_ = false;
  uint64_t left_by_others_ = 0;
  std::string published_failure_;

  std::thread thread_;
};

}  // namespace spirogram::logger
