// Keeps the event files that a FileConverter makes in step with the files of its format in the log
// directory. They lie in the data directory, each in a folder of its own beside a stamp (size and
// time) of what it was made of, so that a start makes none twice; and they are files of the run in
// whose folder the originals lie, called "converted/NAME".
//
// One file at a time is converted, the newest first, on a thread of its own. Owned and used by the
// writer thread; Tailer drives it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/file_converter.h"
#include "store/logdir.h"

namespace spirogram::store {

class Conversions {
 public:
  // `logdir` and `converter` outlive this; without a converter there is nothing to do. `wake` is
  // called on the thread of a conversion when that ends.
  Conversions(const Logdir& logdir, const FileConverter* converter, std::function<void()> wake)
      : logdir_(logdir), converter_(converter), wake_(std::move(wake)) {}
  ~Conversions() { Stop(); }
  Conversions(const Conversions&) = delete;
  Conversions& operator=(const Conversions&) = delete;

  // Takes note of what was listed. Returns the event files of those originals that are converted as
  // they are now, for Ingest::NoteFiles. Of originals that have gone from a folder that is there,
  // the event files go too: what was read of them stays, as of any event file.
  std::vector<FoundFile> NoteFiles(const ScanResult& found);

  // Whether a conversion is in hand, or could begin now.
  bool has_work() const { return running_.has_value() || HasReady(); }
  // The same of the next: Work begins one.
  bool may_begin() const { return !running_.has_value() && HasReady(); }
  // Some file is not read, though none may be ready.
  bool is_waiting() const { return !unread_.empty(); }
  // Takes over the conversion that has ended, and begins the next. Returns what became an event
  // file.
  std::vector<FoundFile> Work();
  // Converts all there are, whether they may grow or not, and returns what became event files.
  std::vector<FoundFile> WorkAll();
  // Gives up the conversion in hand, which begins anew with the next start. Idempotent.
  void Stop();

  // Adds what is found and read of the originals.
  void AddProgress(LoadProgress* progress) const;

 private:
  // By folder below the logdir, then by what its event file is called.
  using Key = std::pair<std::string, std::string>;
  struct File {
    FoundFile original;   // as last listed
    FoundFile converted;  // where it is done
    bool is_done = false;
    bool is_seen = false;       // in the listing at hand
    int64_t not_before_ns = 0;  // of the next try
    std::string error;          // of the last one, told once
  };
  struct Running {
    Key key;
    FoundFile original;
    std::future<Status> done;
  };

  void NoteOriginal(const FoundFile& found);
  void ForgetGone(const std::string& folder);
  void RemoveUnknown(const std::string& folder) const;
  void Count(const File& file, bool is_more);
  bool HasReady() const;
  const File* FindReady(int64_t now_ns, Key* key) const;
  void Begin(const Key& key, bool may_grow);
  std::optional<FoundFile> Finish();
  void Fail(const Key& key, const Error& error, File* file);
  Status Convert(const Key& key, const FoundFile& original, bool may_grow);
  bool FindConverted(const Key& key, File* file) const;
  std::string PathOf(const Key& key, const char* part) const;

  const Logdir& logdir_;
  const FileConverter* const converter_;
  const std::function<void()> wake_;
  std::map<Key, File> files_;
  std::set<std::pair<int64_t, Key>> unread_;  // of files_, by when they were changed
  std::set<std::string> folders_;             // that were listed before
  uint64_t bytes_found_ = 0;
  uint64_t bytes_done_ = 0;
  std::optional<Running> running_;
  std::atomic<bool> has_ended_ = false;  // the conversion in hand, or it is about to
  std::atomic<bool> is_stopping_ = false;
  std::atomic<uint64_t> bytes_read_ = 0;  // of the conversion in hand
};

}  // namespace spirogram::store
