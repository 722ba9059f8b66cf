#include "store/event_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "base/record.h"
#include "base/str.h"
#include "store/read_window.h"

namespace spirogram::store {
namespace {

constexpr uint64_t kFingerprintBytes = 256;
// Fits the cache between the copy out of the page cache and the checksums over it.
constexpr size_t kReadBytes = size_t{256} << 10;
// From so much on a file of such records is mapped: few bytes of them are looked at after their
// checksum. Of small ones all are, and a copy that lies in the cache is as quick.
constexpr uint64_t kMappedBytesMin = uint64_t{1} << 20;
constexpr uint64_t kMappedRecordBytesMin = uint64_t{4} << 10;
// What one call searches for a record: a file that is none of events may be as large as the disk,
// and whoever reads it has other things to do.
constexpr uint64_t kSearchBytes = uint64_t{64} << 20;
// At the end of what was searched, in which a header may begin all the same.
constexpr size_t kUndecidedBytes = kRecordHeaderBytes - 1;

// What the fingerprint of `offset` is taken over.
Result<std::string> BytesBefore(const RandomAccessFile& file, uint64_t offset) {
  const uint64_t bytes = std::min(offset, kFingerprintBytes);
  std::string before;
  RETURN_IF_ERROR(file.Read(offset - bytes, bytes, &before));
  return before;
}

bool IsZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// On network file systems bytes show up as zeros before they arrive. How many at the front of
// `bytes` are surely there: up to zeros at the end of the file, or as many as half a page.
size_t CountArrived(std::string_view bytes, bool is_end_of_file) {
  constexpr size_t kHoleBytes = 2048;
  size_t zeros = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    zeros = bytes[i] == '\0' ? zeros + 1 : 0;
    if (zeros == kHoleBytes) return i + 1 - zeros;
  }
  return is_end_of_file ? bytes.size() - zeros : bytes.size();
}

uint64_t DeclaredBytes(std::string_view header) {
  uint64_t length = 0;
  std::memcpy(&length, header.data(), sizeof length);
  return kRecordHeaderBytes + length + kRecordFooterBytes;
}

}  // namespace

Result<bool> HoldsWhatWasRead(const std::string& path, const FilePosition& position) {
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path));
  ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size < position.offset) return false;
  ASSIGN_OR_RETURN(const std::string before, BytesBefore(file, position.offset));
  return Crc32c(before) == position.fingerprint;
}

// One call of Read: a window of the file that begins at `start`.
struct EventFileReader::Pass {
  RandomAccessFile file;
  uint64_t size = 0;  // the file's, when the pass began: what is written later is left for later
  uint64_t start = 0;
  std::string before;  // the up to 256 bytes before `start`
  ReadWindow window;
  size_t at = 0;                      // in the window
  std::vector<FramedRecord> records;  // in the window, before `at`, not handed out yet
  uint64_t records_handed_out = 0;
  bool is_sink_full = false;
  bool is_cut = false;  // of what the sink looked at
  uint64_t bytes_to_search = kSearchBytes;
  ReadResult result;
  TailIs tail = TailIs::kGrowing;

  uint64_t offset() const { return start + at; }
  uint64_t window_end() const { return start + window.size(); }
  std::string_view rest() const { return window.view().substr(at); }
  bool window_is_at_end() const { return window_end() >= size; }

  // The bytes behind `at` are read anew, as a copy that nobody can take away. False where they are
  // one.
  bool StopMapping() {
    if (!window.is_mapped()) return false;
    DropFront(at);
    window.StopMapping();
    return true;
  }

  // To the byte at `place`, which the up to 256 bytes `bytes_before` precede.
  void GoTo(uint64_t place, std::string bytes_before) {
    start = place;
    before = std::move(bytes_before);
    window.Clear();
    at = 0;
  }

  void DropFront(size_t bytes) {
    const size_t kept = std::min<size_t>(bytes, kFingerprintBytes);
    before.append(window.view().substr(bytes - kept, kept));
    before.erase(0, before.size() - std::min<size_t>(before.size(), kFingerprintBytes));
    window.DropFront(bytes);
    start += bytes;
    at -= std::min(at, bytes);
  }

  // Drops what stands before `place`, without reading what lies between the window and there.
  Status DropUpTo(uint64_t place) {
    if (place <= window_end()) {
      DropFront(place - start);
      return {};
    }
    ASSIGN_OR_RETURN(std::string bytes_before, BytesBefore(file, place));
    GoTo(place, std::move(bytes_before));
    return {};
  }

  // Adds up to `bytes` more to the window, never beyond `size`. False when there are none.
  Result<bool> Extend(uint64_t bytes) {
    const uint64_t left = size - std::min(size, window_end());
    ASSIGN_OR_RETURN(const size_t got, window.Append(file, window_end(), std::min(bytes, left)));
    if (got == 0) size = window_end();  // the file shrank meanwhile
    return got > 0;
  }
};

Result<ReadResult> EventFileReader::Read(uint64_t bytes_max, const RecordSink& sink, TailIs tail) {
  ASSIGN_OR_RETURN(RandomAccessFile file, RandomAccessFile::Open(path_));
  ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  ReadResult result{.size = size, .device = file.device(), .inode = file.inode(), .lost = {}};
  if (size < position_.offset) {
    result.is_replaced = true;
    return result;
  }
  ASSIGN_OR_RETURN(std::string before, BytesBefore(file, position_.offset));
  if (Crc32c(before) != position_.fingerprint) {
    result.is_replaced = true;
    return result;
  }
  if (size < searched_to_) searched_to_ = position_.offset;  // it was cut, and may have grown anew
  if (size < search_.at) search_ = {};
  if (size - position_.offset > kReadBytes) file.ExpectSequentialReads();
  Pass pass{.file = std::move(file),
            .size = size,
            .start = position_.offset,
            .before = std::move(before),
            .window = {},
            .at = 0,
            .records = {},
            .records_handed_out = 0,
            .is_sink_full = false,
            .is_cut = false,
            .bytes_to_search = kSearchBytes,
            .result = std::move(result),
            .tail = tail};
  if (has_large_records_ && size - position_.offset >= kMappedBytesMin) pass.window.StartMapping();
  const Status status = ReadWindows(&pass, bytes_max, sink);
  if (pass.is_cut) return Conflict(StrCat(path_, " was cut while it was read"));
  // Records that were handed out are never handed out again: their place is kept, and the next call
  // meets the error first.
  if (!status.ok() && pass.offset() == position_.offset) return status.error();
  pass.DropFront(pass.at);
  if (pass.records_handed_out > 0) {
    has_large_records_ =
        pass.offset() - position_.offset >= kMappedRecordBytesMin * pass.records_handed_out;
  }
  searched_to_ = std::max(searched_to_, pass.offset());
  position_ = {pass.offset(), Crc32c(pass.before)};
  return std::move(pass.result);
}

Status EventFileReader::ReadWindows(Pass* pass, uint64_t bytes_max, const RecordSink& sink) {
  uint64_t bytes_left = bytes_max;
  while (!pass->result.is_at_end && !pass->result.is_searching && !pass->is_sink_full &&
         !pass->is_cut && bytes_left > 0) {
    const uint64_t before = pass->offset();
    ASSIGN_OR_RETURN(const bool has_more, pass->Extend(kReadBytes));
    if (!has_more) {
      pass->result.is_at_end = true;
      break;
    }
    RETURN_IF_ERROR(ReadRecords(pass, sink));
    bytes_left -= std::min(bytes_left, std::max<uint64_t>(pass->offset() - before, 1));
    pass->DropFront(pass->at);
  }
  return {};
}

// Takes the whole records of the window. Returns with the window's rest too short for the next
// record, with is_at_end, or with a full sink.
Status EventFileReader::ReadRecords(Pass* pass, const RecordSink& sink) {
  bool goes_on = true;
  while (goes_on && !pass->result.is_at_end) {
    const size_t before = pass->at;
    pass->at += FrameRecords(pass->rest(), pass->offset(), &pass->records);
    if (!pass->window.IsWhole()) {
      pass->records.clear();
      pass->at = before;
      pass->StopMapping();
    }
    HandOut(pass, sink);  // before the window moves: they point into it
    pass->is_cut = !pass->window.IsWhole();
    if (pass->is_sink_full || pass->is_cut) break;
    ASSIGN_OR_RETURN(goes_on, PassObstacle(pass));
  }
  return {};
}

void EventFileReader::HandOut(Pass* pass, const RecordSink& sink) {
  if (pass->records.empty()) return;
  const size_t taken = sink(pass->records);
  pass->records_handed_out += taken;
  pass->is_sink_full = taken < pass->records.size();
  if (pass->is_sink_full) pass->at = static_cast<size_t>(pass->records[taken].offset - pass->start);
  pass->records.clear();
}

// What stands at the front of the window is no whole record. True when there is more to take.
Result<bool> EventFileReader::PassObstacle(Pass* pass) {
  const ParsedRecord record = ParseRecord(pass->rest());
  const bool is_damaged =
      record.state == RecordState::kBadHeader || record.state == RecordState::kBadData;
  if (is_damaged && pass->StopMapping()) return true;  // unless it is in the copy, too
  switch (record.state) {
    case RecordState::kRecord:
      return true;
    case RecordState::kTruncated:
      return FillRecord(pass);
    case RecordState::kBadHeader:
      return SkipDamage(pass, 0,
                        StrCat("bad length: checksum got ", Hex32(record.crc_got), ", want ",
                               Hex32(record.crc_want)));
    case RecordState::kBadData:
      return SkipDamage(pass, record.bytes_used,
                        StrCat("bad record: checksum got ", Hex32(record.crc_got), ", want ",
                               Hex32(record.crc_want)));
  }
  return false;
}

// The window ends within a record. Reads on where the file has all of it; waits where it has not.
Result<bool> EventFileReader::FillRecord(Pass* pass) {
  const std::string_view rest = pass->rest();
  if (rest.size() < kRecordHeaderBytes) {
    pass->result.is_at_end = pass->window_is_at_end();
    return false;
  }
  const uint64_t whole = DeclaredBytes(rest);
  if (pass->offset() + whole > pass->size) {
    if (pass->tail == TailIs::kQuiet) {
      if (pass->StopMapping()) return true;  // unless it is torn in the copy, too
      return SkipTorn(pass);
    }
    pass->result.is_at_end = true;  // nothing is read for bytes that are not there
    return false;
  }
  return pass->Extend(whole - rest.size());
}

// The record at the front of the window is damaged. Goes on at the next record that stands there,
// and reports what lies between; where none does, waits. `bytes_trusted` is the length of a record
// whose header holds, else 0: if a header follows it, it alone is lost.
Result<bool> EventFileReader::SkipDamage(Pass* pass, size_t bytes_trusted, std::string reason) {
  pass->DropFront(pass->at);
  const uint64_t damage = pass->start;
  const std::string before = pass->before;
  BeginSearch(damage);
  search_.is_unwritten &= bytes_trusted == 0;
  const Result<bool> has_next = FindNextRecord(pass, bytes_trusted);
  if (has_next.ok() && *has_next) {
    pass->result.lost.push_back({damage, pass->offset() - damage, std::move(reason), false});
    return true;
  }
  pass->GoTo(damage, before);
  if (!has_next.ok()) return has_next.error();  // what is behind may be there another time
  if (pass->result.is_searching) return false;
  // On network file systems a tail shows up as zeros before its bytes arrive: not damage.
  if (!search_.is_unwritten) {
    pass->result.lost.push_back({damage, pass->size - damage, std::move(reason), true});
  }
  pass->result.is_at_end = true;
  search_ = {};
  return false;
}

// Or goes on with the one that an earlier call has left off.
void EventFileReader::BeginSearch(uint64_t origin) {
  if (search_.at == 0 || search_.origin != origin) search_ = {.origin = origin};
}

// The file ends within the record at the front of the window, and is quiet. Goes on at the next
// whole record that stands there; where none does, waits for the rest all the same.
Result<bool> EventFileReader::SkipTorn(Pass* pass) {
  pass->DropFront(pass->at);
  const uint64_t torn = pass->start;
  const std::string before = pass->before;
  const uint64_t want = DeclaredBytes(pass->rest());
  BeginSearch(torn);
  const Result<bool> has_next = FindWholeRecord(pass);
  if (has_next.ok() && *has_next) {
    const uint64_t got = pass->offset() - torn;
    pass->result.lost.push_back(
        {torn, got, StrCat("torn record: got ", got, " bytes, want ", want), false});
    return true;
  }
  searched_to_ = torn;  // a record that is not whole yet may become so
  pass->GoTo(torn, before);
  if (!has_next.ok()) return has_next.error();
  if (pass->result.is_searching) return false;
  pass->result.is_at_end = true;
  search_ = {};
  return false;
}

// Moves the pass to the first whole record behind the front of its window. A header alone is not
// enough: a torn record's own bytes may hold one.
Result<bool> EventFileReader::FindWholeRecord(Pass* pass) {
  while (true) {
    ASSIGN_OR_RETURN(const bool has_next, FindNextRecord(pass, 0));
    if (!has_next) return false;
    const uint64_t whole = DeclaredBytes(pass->rest());
    const bool is_there = pass->offset() + whole <= pass->size;
    if (is_there && whole > pass->rest().size()) {
      ASSIGN_OR_RETURN(const bool has_more, pass->Extend(whole - pass->rest().size()));
      static_cast<void>(has_more);
    }
    if (is_there && ParseRecord(pass->rest()).state == RecordState::kRecord) return true;
    pass->DropFront(pass->at);
  }
}

// No header begins in the window. False where it holds bytes that may not have arrived yet.
bool EventFileReader::RememberSearched(const Pass& pass) {
  const size_t arrived = CountArrived(pass.window.view(), pass.window_is_at_end());
  searched_to_ = std::max(searched_to_, pass.start + arrived - std::min(arrived, kUndecidedBytes));
  return arrived == pass.window.size();
}

// Moves the pass to the first record header behind the damage at the front of its window. False
// when there is none up to the end of the file, or, with is_searching, as far as one call looks;
// the window then holds only the end of what was searched.
Result<bool> EventFileReader::FindNextRecord(Pass* pass, size_t bytes_trusted) {
  size_t from = 1;
  if (search_.at > pass->start) {
    RETURN_IF_ERROR(pass->DropUpTo(search_.at));
    bytes_trusted = 0;  // that place was looked at
    from = 0;
  }
  while (pass->window.size() < bytes_trusted + kRecordHeaderBytes && !pass->window_is_at_end()) {
    ASSIGN_OR_RETURN(const bool has_more, pass->Extend(kReadBytes));
    if (!has_more) break;
  }
  if (bytes_trusted > 0) {
    // Undecided until the place of the next header is there: a record may hold records, which count
    // only when its own header lies.
    if (pass->window.size() < bytes_trusted + kRecordHeaderBytes) return false;
    const std::string_view trusted =
        pass->window.view().substr(0, bytes_trusted + kRecordHeaderBytes);
    if (FindRecordHeader(trusted, bytes_trusted) == bytes_trusted) {
      pass->at = bytes_trusted;
      return true;
    }
  }
  while (true) {
    if (searched_to_ > pass->start) {
      from = std::max<size_t>(from,
                              std::min<uint64_t>(searched_to_ - pass->start, pass->window.size()));
    }
    const size_t next = FindRecordHeader(pass->window.view(), from);
    if (next != std::string_view::npos) {
      pass->at = next;
      search_.at = 0;
      return true;
    }
    search_.is_unwritten = search_.is_unwritten && IsZero(pass->window.view());
    if (search_.is_arrived) search_.is_arrived = RememberSearched(*pass);
    if (pass->window_is_at_end()) return false;
    // What was searched need not be kept: a long damage takes no memory. Nor is what was searched
    // before the file has grown read again.
    const uint64_t searched = pass->window_end() - std::min(kUndecidedBytes, pass->window.size());
    pass->bytes_to_search -= std::min<uint64_t>(pass->bytes_to_search, pass->window.size());
    search_.at = std::max(searched, searched_to_);
    if (pass->bytes_to_search == 0) {
      pass->result.is_searching = true;
      return false;
    }
    RETURN_IF_ERROR(pass->DropUpTo(search_.at));
    from = 0;
    ASSIGN_OR_RETURN(const bool has_more, pass->Extend(kReadBytes));
    if (!has_more) return false;
  }
}

}  // namespace spirogram::store
