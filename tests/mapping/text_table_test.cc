#include "mapping/text_table.h"

#include <gmock/gmock.h>

#include <string>

#include "base/file.h"
#include "base/str.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Table MustRead(const std::string& text, TextTableOptions options = {}) {
  const testing::TempDir folder;
  const std::string path = folder.File("table");
  EXPECT_TRUE(AppendFile::Open(path)->Append(text).ok());
  auto table = ReadTextTable(path, options, {});
  EXPECT_TRUE(table.ok()) << table.error().ToString();
  return table.ok() ? *std::move(table) : Table();
}

TextTableOptions Tabs() {
  TextTableOptions options;
  options.separator = '\t';
  return options;
}

TEST(TextTableTest, TakesASeparatorAtTheEndOfEachLineForNoColumn) {
  const Table bare = MustRead("1\t2\t\n3\t4\t\n", Tabs());
  EXPECT_THAT(bare.values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(bare.metadata.columns, IsEmpty());
  EXPECT_THAT(MustRead("a,b,\n1,x,\n3,y,\n").metadata.columns, ElementsAre("b"));
  // One that the file names, or that has a text, is one.
  EXPECT_THAT(MustRead("a,b,note\n1,2,\n3,4,\n").metadata.columns, ElementsAre("note"));
  EXPECT_THAT(MustRead("a,b,\n1,2,\n3,4,x\n").metadata.columns, ElementsAre(""));
}

TEST(TextTableTest, TakesColumnsThatPandasNumberedForAHeader) {
  const std::string text = "0,1,2\n5,6,7\n8,9,10\n";
  const Table table = MustRead(text);
  EXPECT_THAT(table.values, ElementsAre(5, 6, 7, 8, 9, 10));
  EXPECT_THAT(table.notes, ElementsAre(HasSubstr("--header no makes it a row")));
  TextTableOptions no_header;
  no_header.header = TextTableOptions::Header::kNo;
  EXPECT_EQ(MustRead(text, no_header).points, 3);
  EXPECT_THAT(MustRead(",0,1,2\n0,5,6,7\n1,8,9,10\n").values, ElementsAre(5, 6, 7, 8, 9, 10));
  for (const char* rows : {"0,1\n1,0\n", "0,1,2.0\n5,6,7\n", "1,2,3\n5,6,7\n"}) {
    EXPECT_EQ(MustRead(rows).points, 2) << rows;
  }
  EXPECT_EQ(MustRead("0,1,2\n").points, 1);
}

TEST(TextTableTest, ReadsSemicolonsAndDecimalCommas) {
  const Table bare = MustRead("1,5;2,25\n2,5;3\n");
  EXPECT_EQ(bare.points, 2);
  EXPECT_THAT(bare.values, ElementsAre(1.5, 2.25, 2.5, 3));
  const Table named = MustRead("# by hand\nx;name;y\n1,5;\"a;b,c\";2,25\n2;;NA\n");
  EXPECT_THAT(named.values, ElementsAre(1.5, 2.25, 2, ::testing::IsNan()));
  EXPECT_THAT(named.metadata.values, ElementsAre(ElementsAre("a;b,c", "")));
  // A word that begins with #, above numbers.
  EXPECT_EQ(MustRead("#1;0,5\n#2;0,25\n").points, 2);
  EXPECT_THAT(MustRead("1,2\n3,4\n").values, ElementsAre(1, 2, 3, 4));
}

TEST(TextTableTest, TellsOfTextsThatAreNotUtf8) {
  const Table table = MustRead("a,city\n1,Oslo\n2,Z\xFCrich\n3,Gen\xE8ve\n");
  EXPECT_THAT(table.metadata.values[0][1], HasSubstr("rich"));
  EXPECT_THAT(table.notes, ElementsAre(HasSubstr("2 cells are not UTF-8, the first in line 3")));
  EXPECT_THAT(MustRead("a,city\n1,Z\xC3\xBCrich\n").notes, IsEmpty());
}

TEST(TextTableTest, ReadsRowsOfManyColumns) {
  std::string row;
  for (int i = 0; i < 30'000; ++i) row += StrCat(i == 0 ? "" : ",", i % 10);
  const Table table = MustRead(row + "\n" + row + "\n");
  EXPECT_EQ(table.points, 2);
  EXPECT_EQ(table.dims, 30'000);
}

}  // namespace
}  // namespace spirogram::mapping
