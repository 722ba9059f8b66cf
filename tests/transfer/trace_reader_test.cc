#include "transfer/trace_reader.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "base/str.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Random = std::mt19937_64;

// A TraceEvent as one line, for messages that show all of it.
std::string Describe(const TraceEvent& event) {
  return StrCat(event.category, '|', event.name, '|', event.start_ns, '|', event.duration_ns, '|',
                event.thread, '|', event.correlation_id, '|', event.stream, '|', event.device);
}

struct Answer {
  std::vector<std::string> events;
  std::string error;  // empty: none
};

Answer ReadPath(const std::string& path) {
  Answer answer;
  auto reader = TraceReader::Open(path);
  if (!reader.ok()) return {{}, reader.error().message};
  TraceEvent event;
  while (true) {
    const auto has_event = reader->Next(&event);
    if (!has_event.ok()) answer.error = has_event.error().message;
    if (!has_event.ok() || !*has_event) return answer;
    answer.events.push_back(Describe(event));
  }
}

class TraceReaderTest : public ::testing::Test {
 protected:
  Answer Read(const std::string& text) {
    CHECK(WriteFileAtomically(path_, text).ok());
    return ReadPath(path_);
  }
  Answer ReadPacked(const std::string& text) {
    const gzFile file = gzopen(path_.c_str(), "wb1");
    CHECK(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) > 0);
    CHECK(gzclose(file) == Z_OK);
    return ReadPath(path_);
  }

  testing::TempDir folder_;
  std::string path_ = folder_.File("trace.json");
};

std::string Trace(const std::string& events) {
  return StrCat("{\"traceEvents\": [", events, "]}");
}

// Writes events in every spelling that JSON has for them.
class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  // Appends the event to `text`, and what a reader has to say of it to `want`.
  void AddEvent(std::string* text, std::vector<std::string>* want) {
    TraceEvent event;
    const bool is_complete = Below(6) > 0;
    event.category = std::vector<std::string>{"cpu_op", "kernel", "a{}[]\"\\,:"}[Below(3)];
    event.name = Name();
    event.start_ns = static_cast<int64_t>(Below(1'000'000'000'000));
    event.duration_ns = static_cast<int64_t>(Below(1'000'000));
    event.thread = static_cast<uint32_t>(Below(100'000));
    std::vector<std::string> members = {
        Member("ph", is_complete ? String("X")
                     : Below(2)  ? "null"
                                 : String("i")),
        Member("cat", String(event.category)),
        Member("name", String(event.name)),
        Member("ts", Microseconds(event.start_ns)),
        Member("dur", Microseconds(event.duration_ns)),
        Member("tid", NumberOrText(event.thread)),
    };
    if (Below(3) > 0) members.push_back(Member("args", Args(&event)));
    for (uint64_t i = Below(4); i > 0; --i) members.push_back(Member(Other(), Anything(3)));
    // Of two of one name the first counts.
    std::shuffle(members.begin(), members.end(), random_);
    if (Below(4) == 0) members.push_back(Member("dur", "7"));
    if (Below(4) == 0) members.push_back(Member("ts", String("x")));
    if (Below(8) == 0) members.insert(members.begin(), Member("dur", "{\"a\": 1}"));
    *text += Object(members);
    if (is_complete) want->push_back(Describe(event));
  }
  std::string Space() {
    const std::vector<std::string> spaces = {"", "", " ", "\n", "\r\n", "\t", "\r", "\n        "};
    return spaces[Below(spaces.size())];
  }

 private:
  uint64_t Below(uint64_t end) { return random_() % end; }

  std::string Name() {
    const std::vector<std::string> pieces = {"aten::mm",
                                             "void f<int, 4>(float*)",
                                             "größe",
                                             "\xf0\x9f\x98\x80",
                                             "\"",
                                             "\\",
                                             "\n",
                                             "{",
                                             "]",
                                             "/",
                                             std::string("\0", 1),
                                             std::string(300, 'n')};
    std::string name;
    for (uint64_t i = Below(4); i > 0; --i) name += pieces[Below(pieces.size())];
    return name;
  }
  std::string Other() {
    const std::vector<std::string> names = {"pid", "id", "bp", "correlation", "Args", "", "s\"{"};
    return names[Below(names.size())];
  }
  std::string Escaped(uint32_t unit) {
    std::string hex = Hex32(unit).substr(6);
    if (Below(2) == 0) {
      std::transform(hex.begin(), hex.end(), hex.begin(),
                     [](char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
    }
    return StrCat("\\u", hex);
  }
  // `text` with every escape that it needs, and some that it does not.
  std::string String(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
      const char c = text.front();
      const bool is_special = c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
      if (text.starts_with("\xf0\x9f\x98\x80") && Below(2) == 0) {
        out += Escaped(0xd83d) + Escaped(0xde00);
        text.remove_prefix(4);
        continue;
      }
      const bool is_ascii = static_cast<unsigned char>(c) < 0x80;
      if (is_ascii && (c == '\0' || Below(is_special ? 2 : 20) == 0)) {
        out += Escaped(static_cast<unsigned char>(c));
      } else if (is_special || (c == '/' && Below(2) == 0)) {
        out += StrCat('\\', c == '\n' ? 'n' : c);
      } else {
        out.push_back(c);
      }
      text.remove_prefix(1);
    }
    return out + '"';
  }
  std::string Member(const std::string& name, const std::string& value) {
    return StrCat(Space(), String(name), Space(), ':', Space(), value, Space());
  }
  std::string Microseconds(int64_t ns) {
    std::string number = StrCat(ns / 1000);
    const std::string digits = StrCat(1000 + ns % 1000).substr(1);
    if (ns % 1000 != 0 || Below(2) == 0) number += StrCat('.', digits);
    return Below(5) == 0 ? String(number) : number;
  }
  std::string NumberOrText(uint32_t number) {
    return Below(3) == 0 ? String(StrCat(number)) : StrCat(number);
  }
  std::string Args(TraceEvent* event) {
    std::vector<std::string> members;
    const auto add = [&](const char* name, uint32_t* number) {
      if (Below(2) == 0) return;
      *number = static_cast<uint32_t>(Below(1000));
      members.push_back(Member(name, NumberOrText(*number)));
    };
    add("correlation", &event->correlation_id);
    add("stream", &event->stream);
    add("device", &event->device);
    for (uint64_t i = Below(4); i > 0; --i) {
      members.push_back(Member(StrCat("Input ", i), Anything(3)));
    }
    std::shuffle(members.begin(), members.end(), random_);
    return Object(members);
  }
  std::string Object(const std::vector<std::string>& members) {
    std::string out = "{";
    for (const std::string& member : members) out += StrCat(out.size() > 1 ? "," : "", member);
    return out + '}';
  }
  std::string Anything(int depth) {
    const std::vector<std::string> words = {"1",     "-0.5", "1e9",      "null",     "true",
                                            "false", "NaN",  "Infinity", "-Infinity"};
    const uint64_t form = Below(depth == 0 ? 2 : 4);
    if (form == 0) return words[Below(words.size())];
    if (form == 1) return String(Name());
    if (form == 2) return Object({Member("dur", Anything(depth - 1)), Member("b", "[]")});
    return StrCat('[', Anything(depth - 1), Space(), ',', Anything(depth - 1), ']');
  }

  Random random_;
};

TEST_F(TraceReaderTest, ReadsEventsInEverySpelling) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Writer writer(seed);
    std::string text = "{\"traceEvents\":";
    std::vector<std::string> want;
    // More than is read at once.
    const size_t size = size_t{seed + 1} << 17;
    for (char separator = '['; text.size() < size; separator = ',') {
      text += StrCat(writer.Space(), separator, writer.Space());
      writer.AddEvent(&text, &want);
    }
    text += "\n]}";
    const Answer answer = Read(text);
    EXPECT_EQ(answer.error, "");
    ASSERT_EQ(answer.events, want) << "seed " << seed;
    EXPECT_EQ(ReadPacked(text).events, want);
  }
}

// A trace that is cut keeps what stands whole before the cut, wherever that is.
TEST_F(TraceReaderTest, KeepsWhatStandsBeforeACutAtAnyByte) {
  Writer writer(1);
  std::string text = "{\"traceEvents\": [";
  std::vector<std::string> want;
  std::vector<std::pair<size_t, size_t>> wholes;  // bytes, events
  for (int i = 0; i < 12; ++i) {
    if (i > 0) text += ",\n";
    writer.AddEvent(&text, &want);
    wholes.emplace_back(text.size(), want.size());
  }
  text += "]}";
  const size_t begin = text.find('[');
  for (size_t cut = begin + 1; cut < text.size() - 1; ++cut) {
    const Answer answer = Read(text.substr(0, cut));
    size_t events = 0;
    for (const auto& [bytes, count] : wholes) events = bytes <= cut ? count : events;
    ASSERT_THAT(answer.events, SizeIs(events)) << cut;
    ASSERT_TRUE(std::equal(answer.events.begin(), answer.events.end(), want.begin()));
    ASSERT_THAT(answer.error, HasSubstr("the array is never closed"));
  }
}

TEST_F(TraceReaderTest, SaysWhereAnEventIsDamaged) {
  const std::string whole = R"({"ph": "X", "cat": "a", "name": "b", "ts": 1, "dur": 2})";
  const auto error_of = [&](const std::string& event) {
    const Answer answer = Read(Trace(StrCat(whole, ",\r\n\r\n", event, ",\n", whole)));
    EXPECT_THAT(answer.events, SizeIs(1)) << event;
    const size_t place = answer.error.find("line");
    return place == std::string::npos ? answer.error : answer.error.substr(place);
  };
  EXPECT_EQ(error_of("{\"a\": tru}"), "line 3: column 7: a word that is no JSON value");
  EXPECT_EQ(error_of("{\"a\": }"), "line 3: column 7: a word that is no JSON value");
  EXPECT_EQ(error_of("{\"a\": \"\\x\"}"), "line 3: column 10: an unknown escape");
  EXPECT_EQ(error_of("{\"a\": \"\\ud800\\u0041\"}"), "line 3: column 20: an unknown escape");
  EXPECT_EQ(error_of("{\"a\" 1}"), "line 3: column 6: no JSON object");
  EXPECT_EQ(error_of("{\"args\": {\"a\": [1, 2}]}"), "line 3: column 21: no JSON object");
  EXPECT_EQ(error_of("{a: 1}"), "line 3: column 2: no JSON object");
  EXPECT_EQ(error_of("7"), "line 3: want an object in the array");
  const std::string deep = StrCat("{\"a\": ", std::string(100, '['), std::string(100, ']'), "}");
  EXPECT_THAT(error_of(deep), HasSubstr("objects nested deeper than 64"));
  const Answer answer = Read(Trace(StrCat(whole, "\n", whole)));
  EXPECT_THAT(answer.error, HasSubstr("line 2: want , or ] behind an object"));
}

TEST_F(TraceReaderTest, BoundsAnEvent) {
  const std::string whole = R"({"ph": "X", "cat": "a", "name": "b", "ts": 1, "dur": 2})";
  const auto with_text = [](size_t size) {
    return StrCat(R"({"ph": "X", "cat": "a", "ts": 1, "dur": 2, "x": ")", std::string(size, 'x'),
                  "\"}");
  };
  EXPECT_THAT(Read(Trace(with_text(16'000'000))).events, SizeIs(1));
  const Answer answer = Read(Trace(StrCat(whole, ",\n", with_text(17'000'000))));
  EXPECT_THAT(answer.events, SizeIs(1));
  EXPECT_THAT(answer.error, HasSubstr("line 2: an object of more than 16777216 bytes"));
}

TEST_F(TraceReaderTest, TakesWhatIsOddInAValue) {
  const auto read = [&](const std::string& members) {
    const Answer answer = Read(Trace(StrCat("{\"ph\": \"X\", \"cat\": \"a\", ", members, "}")));
    EXPECT_EQ(answer.error, "");
    return answer.events;
  };
  EXPECT_THAT(read(R"("ts": 1, "dur": 2)"), ElementsAre("a||1000|2000|0|0|0|0"));
  // What is no time is no event; of other numbers the bits that are there.
  EXPECT_THAT(read(R"("ts": [1], "dur": 2)"), IsEmpty());
  EXPECT_THAT(read(R"("ts": 1, "dur": -2)"), IsEmpty());
  EXPECT_THAT(read(R"("ts": 1, "dur": null)"), IsEmpty());
  EXPECT_THAT(read(R"("ts": NaN, "dur": 2)"), IsEmpty());
  EXPECT_THAT(read(R"("ts": 1e3, "dur": +2, "tid": -1, "args": {"stream": "x7", "device": 3.9})"),
              ElementsAre("a||1000000|2000|4294967295|0|0|3"));
  EXPECT_THAT(read(R"("ts": 1, "dur": 2, "args": [{"stream": 7}], "args": {"stream": 8})"),
              ElementsAre("a||1000|2000|0|0|8|0"));
  EXPECT_THAT(read(R"("ts": 1, "dur": 2, "tid": "main", "name": 7)"),
              ElementsAre("a|7|1000|2000|0|0|0|0"));
  EXPECT_THAT(
      read("\"ts\": 1, \"dur\": 2, \"name\": \"a\xff\xc3(\xe2\x82\""),
      ElementsAre("a|a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD|1000|2000|0|0|0|0"));
  EXPECT_THAT(read(R"("ts": 1, "dur": 2, "name": "\ud800")"),
              ElementsAre("a|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|1000|2000|0|0|0|0"));
  EXPECT_THAT(read(R"("ts": 1, "dur": 2, "c\u0061t": "b", "n\u0061me": "c")"),
              ElementsAre("a|c|1000|2000|0|0|0|0"));
}

}  // namespace
}  // namespace spirogram::transfer
