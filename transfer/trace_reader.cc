#include "transfer/trace_reader.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "transfer/byte_source.h"
#include "transfer/row_reader.h"
#include "transfer/trace_fields.h"

namespace spirogram::transfer {
namespace {

using Field = TraceFields::Field;

constexpr std::string_view kEvents = "traceEvents";
constexpr std::string_view kBase = "baseTimeNanoseconds";
constexpr std::string_view kDistributed = "distributedInfo";
constexpr std::string_view kRank = "rank";
constexpr int64_t kRankMax = 1'000'000;
constexpr int64_t kHeadBytesMax = int64_t{16} << 20;
constexpr int64_t kMicrosMax = int64_t{9'000'000'000'000'000};  // in nanoseconds they are an int64

// What stands before the events: the source is at their '[' afterwards.
class Head {
 public:
  explicit Head(ByteSource* source) : source_(source) {}

  // False where there are no events.
  Result<bool> Find() {
    while (true) {
      ASSIGN_OR_RETURN(const char c, Next());
      if (c == '\0' || (depth_ == 0 && c != '{' && !IsJsonSpace(c))) return false;
      if (c == '"') {
        ASSIGN_OR_RETURN(const bool is_found, ReadString());
        if (is_found) return true;
        continue;
      }
      depth_ += (c == '{' || c == '[') - (c == '}' || c == ']');
      if (depth_ == 0 && c == '}') return false;
      const bool is_number = c == '-' || (c >= '0' && c <= '9');
      if (depth_ == 1 && key_ == kBase && is_number) base_.push_back(c);
      if (depth_ == 2 && key_ == kDistributed && inner_key_ == kRank && is_number) {
        rank_.push_back(c);
      }
      if (depth_ <= 2 && c == ',') inner_key_.clear();
      if (depth_ == 1 && c == ',') key_.clear();
    }
  }

  int64_t base_ns() const { return NumberOf(base_); }
  uint32_t rank() const {
    const int64_t rank = NumberOf(rank_);
    return rank < 0 || rank > kRankMax ? 0 : static_cast<uint32_t>(rank);
  }

 private:
  static int64_t NumberOf(const std::string& text) {
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  // NUL at the end, and where a head is longer than any.
  Result<char> Next() {
    ASSIGN_OR_RETURN(const bool is_at_end, source_->IsAtEnd());
    return is_at_end || ++bytes_ > kHeadBytesMax ? '\0' : source_->Take();
  }

  // Behind its '"'. True where it is the name of the events.
  Result<bool> ReadString() {
    std::string text;
    while (true) {
      ASSIGN_OR_RETURN(char c, Next());
      if (c == '\0' || c == '"') break;
      if (c == '\\') {
        ASSIGN_OR_RETURN(c, Next());
      }
      if (text.size() < 64) text.push_back(c);
    }
    if (depth_ == 2 && inner_key_.empty()) inner_key_ = text;
    if (depth_ != 1) return false;
    if (!key_.empty()) {
      if (key_ == kBase) base_ = text;  // some spell it as a string
      return false;
    }
    key_ = text;
    if (key_ != kEvents) return false;
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_->IsAtEnd());
      if (is_at_end) return false;
      if (source_->Peek() == '[') return true;
      if (!IsJsonSpace(source_->Peek()) && source_->Peek() != ':') return false;
      source_->Take();
    }
  }

  ByteSource* source_;
  int64_t bytes_ = 0;
  int64_t depth_ = 0;
  std::string key_;        // of the object itself, whose value is read
  std::string inner_key_;  // of the object that is its value
  std::string base_;
  std::string rank_;
};

// Numbers that stand as texts too, as some threads do; negative ones by their low bits.
uint32_t BitsOf(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return static_cast<uint32_t>(number);
}

}  // namespace

Result<bool> IsTrace(const std::string& path) {
  ASSIGN_OR_RETURN(ByteSource source, ByteSource::Open(path));
  return Head(&source).Find();
}

Result<TraceReader> TraceReader::Open(const std::string& path) {
  ASSIGN_OR_RETURN(ByteSource source, ByteSource::Open(path));
  Head head(&source);
  ASSIGN_OR_RETURN(const bool has_events, head.Find());
  if (!has_events) return InvalidArgument(StrCat(path, ": no array \"traceEvents\""));
  return TraceReader(JsonObjects(std::move(source), JsonObjects::Behind::kAnything), head.base_ns(),
                     head.rank());
}

Result<bool> TraceReader::Next(TraceEvent* event) {
  std::string_view text;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_event, events_.Next(&text));
    if (!has_event) return false;
    JsonText json(text);
    TraceFields fields;
    if (!fields.Read(&json)) return events_.ErrorIn(json);
    if (fields[Field::kPhase] != "X" || fields[Field::kCategory].empty()) continue;
    int64_t start = 0;
    if (!ParseMicroseconds(fields[Field::kStart], &start) ||
        !ParseMicroseconds(fields[Field::kDuration], &event->duration_ns) ||
        event->duration_ns < 0 || __builtin_add_overflow(base_ns_, start, &event->start_ns)) {
      continue;
    }
    event->category = fields[Field::kCategory];
    event->name = ToValidUtf8(fields[Field::kName]);
    event->thread = BitsOf(fields[Field::kThread]);
    event->correlation_id = BitsOf(fields[Field::kCorrelation]);
    event->stream = BitsOf(fields[Field::kStream]);
    event->device = BitsOf(fields[Field::kDevice]);
    return true;
  }
}

bool ParseMicroseconds(std::string_view text, int64_t* ns) {
  double micros = 0;
  if (!ParseCellNumber(text, &micros) || !(std::abs(micros) < static_cast<double>(kMicrosMax))) {
    return false;
  }
  // Of 16 digits a double does not tell nanoseconds any more.
  int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [point, error] = std::from_chars(text.data(), end, whole);
  const bool is_plain = error == std::errc() && (point == end || *point == '.') && text[0] != '-';
  if (!is_plain) {
    *ns = std::llround(micros * 1e3);
    return true;
  }
  int64_t thousandths = 0;
  int64_t unit = 100;
  for (const char* digit = point == end ? end : point + 1; digit < end; ++digit, unit /= 10) {
    if (*digit < '0' || *digit > '9') {
      *ns = std::llround(micros * 1e3);
      return true;
    }
    thousandths += (*digit - '0') * unit;
  }
  *ns = whole * 1000 + thousandths;
  return true;
}

}  // namespace spirogram::transfer
