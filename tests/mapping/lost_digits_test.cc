#include "mapping/lost_digits.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "mapping/input.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::mapping {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string NoteOf(std::initializer_list<double> numbers) {
  LostDigits lost(1);
  for (const double number : numbers) lost.Add(0, number);
  return lost.Note([](size_t) { return "t"; }).value_or("");
}

TEST(LostDigitsTest, TellsWhenFewerThan256StepsAreLeft) {
  // float32 has steps of 2^-13 from 1024 to 2047.
  EXPECT_EQ(NoteOf({1024, 1024 + 256.0 / 8192}), "");
  EXPECT_THAT(NoteOf({1024, 1024 + 255.0 / 8192}),
              AllOf(HasSubstr("t spans 0.031"), HasSubstr("steps of 0.000122")));
  EXPECT_THAT(NoteOf({-1e9, -1e9 + 3}), HasSubstr("t spans 3 at -1"));
}

TEST(LostDigitsTest, IsSilentWhereNothingIsLost) {
  EXPECT_EQ(NoteOf({}), "");
  EXPECT_EQ(NoteOf({1e9, 1e9}), "");
  EXPECT_EQ(NoteOf({0, 1e-30}), "");
  EXPECT_EQ(NoteOf({-1e300, 1e300}), "");
  EXPECT_EQ(NoteOf({std::nan(""), 1, std::numeric_limits<double>::infinity(), 2}), "");
}

TEST(LostDigitsTest, NamesTheColumnThatLosesMost) {
  LostDigits lost(3);
  for (const double x : {0.0, 1.0}) {
    lost.Add(0, x);
    lost.Add(1, 1e6 + x);
    lost.Add(2, 1e9 + x);
  }
  EXPECT_THAT(lost.Note([](size_t i) { return StrCat("column ", i); }).value_or(""),
              AllOf(HasSubstr("2 columns lose digits"), HasSubstr("column 2 spans 1")));
}

class LostDigitsOfFileTest : public ::testing::Test {
 protected:
  std::vector<std::string> NotesOf(const std::string& name, const std::string& bytes) {
    InputOptions options;
    options.file = folder_.File(name);
    EXPECT_TRUE(AppendFile::Open(options.file)->Append(bytes).ok());
    const auto table = ReadInput(options, {});
    EXPECT_TRUE(table.ok()) << table.error().ToString();
    return table.ok() ? table->notes : std::vector<std::string>();
  }

  testing::TempDir folder_;
};

std::string Npy(const std::string& descr, bool is_by_column, const std::string& data) {
  const std::string header =
      StrCat("{'descr': '", descr, "', 'fortran_order': ", is_by_column ? "True" : "False",
             ", 'shape': (2, 2), }\n");
  std::string file("\x93NUMPY\1\0", 8);
  file += {static_cast<char>(header.size()), 0};
  return file + header + data;
}

template <typename T>
std::string Bytes(const std::vector<T>& numbers) {
  std::string bytes(numbers.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

TEST_F(LostDigitsOfFileTest, ToldOfNumPyArraysOfBothOrders) {
  const auto is_told = ElementsAre(HasSubstr("column 1 (from 0) spans 1 at 1"));
  EXPECT_THAT(NotesOf("row.npy", Npy("<f8", false, Bytes<double>({1, 1e9, 2, 1e9 + 1}))), is_told);
  EXPECT_THAT(NotesOf("column.npy", Npy("<f8", true, Bytes<double>({1, 2, 1e9, 1e9 + 1}))),
              is_told);
  EXPECT_THAT(
      NotesOf("whole.npy", Npy("<i8", false, Bytes<int64_t>({1, 1'000'000'000, 2, 1'000'000'001}))),
      is_told);
  EXPECT_THAT(NotesOf("small.npy", Npy("<f8", false, Bytes<double>({1, 3, 2, 4}))), IsEmpty());
}

TEST_F(LostDigitsOfFileTest, ToldOfTables) {
  EXPECT_THAT(NotesOf("t.csv", "name,time,x\na,1700000000.1,1\nb,1700000003.7,2\n"),
              ElementsAre(HasSubstr("column \"time\" spans 3.6")));
}

}  // namespace
}  // namespace spirogram::mapping
