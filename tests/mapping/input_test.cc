#include "mapping/input.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "mapping/matrix_file.h"
#include "mapping/spool.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::mapping {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Floats(const std::vector<float>& numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

std::string Npy(const std::string& descr, const std::string& order, const std::string& shape,
                const std::string& data, int version = 1) {
  std::string header =
      StrCat("{'descr': ", descr, ", 'fortran_order': ", order, ", 'shape': ", shape, ", }\n");
  std::string file("\x93NUMPY");
  file += {static_cast<char>(version), 0, static_cast<char>(header.size()), 0};
  if (version > 1) file.append(2, '\0');
  return file + header + data;
}

class InputTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.File(name);
    std::filesystem::remove(path);
    EXPECT_TRUE(AppendFile::Open(path)->Append(bytes).ok());
    return path;
  }
  Result<Table> Read(const std::string& name, const std::string& bytes, InputOptions options = {}) {
    options.file = Write(name, bytes);
    return ReadInput(options, {});
  }
  Table MustRead(const std::string& name, const std::string& bytes, InputOptions options = {}) {
    const auto table = Read(name, bytes, options);
    EXPECT_TRUE(table.ok()) << table.error().ToString();
    return table.ok() ? *table : Table();
  }
  Error ErrorOf(const std::string& name, const std::string& bytes, InputOptions options = {}) {
    const auto table = Read(name, bytes, options);
    EXPECT_FALSE(table.ok());
    return table.ok() ? Error() : table.error();
  }

  testing::TempDir folder_;
};

TEST_F(InputTest, ReadsNumpyArraysOfBothOrdersAndAllVersions) {
  const std::string by_row = Floats({1, 2, 3, 4, 5, 6});
  const std::string by_column = Floats({1, 4, 2, 5, 3, 6});
  for (const int version : {1, 2, 3}) {
    EXPECT_THAT(MustRead("c.npy", Npy("'<f4'", "False", "(2, 3)", by_row, version)).values,
                ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(MustRead("f.npy", Npy("'<f4'", "True", "(2, 3)", by_column, version)).values,
                ElementsAre(1, 2, 3, 4, 5, 6));
  }
  const Table bytes =
      MustRead("b.npy", Npy("'|i1'", "False", "(2,2)", std::string("\1\xFF\0\2", 4)));
  EXPECT_THAT(bytes.values, ElementsAre(1, -1, 0, 2));
}

TEST_F(InputTest, ReadsNumpyArraysOfBigEndianMachines) {
  const auto values = [&](const char* descr, const std::string& data) {
    return MustRead("b.npy", Npy(descr, "False", "(1, 2)", data)).values;
  };
  EXPECT_THAT(values("'>f4'", std::string("\x3F\x80\0\0\xC0\0\0\0", 8)), ElementsAre(1, -2));
  EXPECT_THAT(values("'>i2'", std::string("\1\2\xFF\xFE", 4)), ElementsAre(258, -2));
  EXPECT_THAT(values("'>f8'", std::string("\x3F\xF8\0\0\0\0\0\0\x40\0\0\0\0\0\0\0", 16)),
              ElementsAre(1.5, 2));
}

TEST_F(InputTest, TellsOfColumnsOfNumbersThatAreIds) {
  for (const std::string name : {"user_id", "movieId", "userID", "item id", "ID"}) {
    const Table table = MustRead("ids.csv", "x," + name + "\n1,7\n3,8\n");
    ASSERT_EQ(table.notes.size(), 1U) << name;
    EXPECT_THAT(table.notes[0], HasSubstr("--metadata-columns " + name));
  }
  for (const std::string name : {"grid", "Fluid", "i", "idle", "SOLID"}) {
    EXPECT_TRUE(MustRead("none.csv", "x," + name + "\n1,7\n3,8\n").notes.empty()) << name;
  }
}

TEST_F(InputTest, TellsOfColumnsOfNumbersThatLookLikeLabels) {
  const std::string csv = "x,Label,y\n1,0,2\n3,1,4\n";
  const Table leaking = MustRead("a.csv", csv);
  EXPECT_EQ(leaking.dims, 3);
  ASSERT_EQ(leaking.notes.size(), 1U);
  EXPECT_THAT(leaking.notes[0], HasSubstr("--metadata-columns Label"));
  InputOptions options;
  options.metadata_columns = {"Label"};
  const Table clean = MustRead("b.csv", csv, options);
  EXPECT_EQ(clean.dims, 2);
  EXPECT_TRUE(clean.notes.empty());
  options.metadata_columns = {"label"};
  EXPECT_THAT(ErrorOf("c.csv", csv, options).message,
              HasSubstr("no column is called \"label\", there are: x, Label, y"));
  options.may_lack_columns = true;
  EXPECT_EQ(MustRead("d.csv", csv, options).dims, 3);
  options.colour_by = "Label";
  EXPECT_EQ(MustRead("e.csv", csv, options).dims, 2);
}

TEST_F(InputTest, RefusesWhatSpeaksOfAnotherKindOfInput) {
  const std::string npy = Npy("'<f4'", "False", "(1, 2)", Floats({1, 2}));
  InputOptions step;
  step.step = 3;
  EXPECT_THAT(ErrorOf("a.csv", "1,2\n", step).message, HasSubstr("--step"));
  InputOptions tensor;
  tensor.tensor = "words";
  EXPECT_THAT(ErrorOf("a.npy", npy, tensor).message, HasSubstr("a.npy is no projector config"));
  InputOptions columns;
  columns.metadata_columns = {"city"};
  EXPECT_THAT(ErrorOf("b.npy", npy, columns).message, HasSubstr("--metadata-columns"));
  columns.may_lack_columns = true;
  EXPECT_EQ(MustRead("c.npy", npy, columns).points, 1);
  InputOptions header;
  header.header = TextTableOptions::Header::kNo;
  EXPECT_THAT(ErrorOf("d.npy", npy, header).message, HasSubstr("--header"));
}

TEST_F(InputTest, NamesWhatKeepsATextFromBeingATable) {
  EXPECT_THAT(ErrorOf("a.csv", std::string("\xFF\xFE"
                                           "1\0,\0"
                                           "2\0",
                                           8))
                  .message,
              HasSubstr("UTF-16, want UTF-8"));
  EXPECT_THAT(ErrorOf("b.csv", "a b\n1 2\n").message, HasSubstr("separated by commas"));
}

TEST_F(InputTest, NamesWhatIsWrongWithANumpyFile) {
  const std::string data = Floats({1, 2});
  const auto message = [&](const std::string& bytes) { return ErrorOf("x.npy", bytes).message; };
  EXPECT_THAT(message(""), HasSubstr("x.npy: .npy: the header is not whole: got 0 bytes"));
  EXPECT_THAT(message("name,x\na,1\n"), HasSubstr("does not begin with"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(1, 2)", data, 9)), HasSubstr("got version 9"));
  EXPECT_THAT(message(Npy("'>c8'", "False", "(1, 1)", data)), HasSubstr("'>c8'"));
  EXPECT_THAT(message(Npy("'<c8'", "False", "(1, 1)", data)), HasSubstr("want a real type"));
  EXPECT_THAT(message(Npy("'<f4'", "Maybe", "(1, 2)", data)), HasSubstr("fortran_order"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(2,)", data)), HasSubstr("rank 1, want rank 2"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(1, -2)", data)), HasSubstr("got shape"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(0, 2)", "")), HasSubstr("got 0 x 2"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(1, 3)", data)), HasSubstr("= 12"));
  EXPECT_THAT(message(Npy("'<f4'", "False", "(1, 1)", data)), HasSubstr("got 8 bytes"));
}

TEST_F(InputTest, AllocatesNothingForSizesThatAreOnlyDeclared) {
  EXPECT_EQ(ErrorOf("a.npy", Npy("'<f4'", "False", "(4000000000000, 1000)", "")).code,
            ErrorCode::kCorruption);
  EXPECT_EQ(ErrorOf("b.npy", Npy("'<f4'", "False", "(4611686018427387904, 16)", "")).code,
            ErrorCode::kCorruption);
  InputOptions raw;
  raw.shape = "9000000000000000000x9000000000000000000";
  EXPECT_EQ(ErrorOf("c.bin", "abcd", raw).code, ErrorCode::kCorruption);
}

TEST_F(InputTest, RefusesWhatMemoryDoesNotHold) {
  InputOptions small;
  small.bytes_max = 7;
  EXPECT_EQ(ErrorOf("a.npy", Npy("'<f4'", "False", "(1, 2)", Floats({1, 2})), small).code,
            ErrorCode::kExhausted);
  EXPECT_EQ(ErrorOf("a.csv", "1,2\n3,4\n5,6\n", small).code, ErrorCode::kExhausted);
}

TEST_F(InputTest, ReadsRawNumbersOfAShape) {
  InputOptions raw;
  raw.shape = "2x2";
  EXPECT_THAT(MustRead("x.bin", Floats({1, 2, 3, 4}), raw).values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ErrorOf("x.bin", Floats({1, 2, 3}), raw).message,
              HasSubstr("got 12 bytes from offset 0 on, want 2 x 2 float32 = 16"));
  for (const char* shape : {"2", "2x", "x2", "0x2", "2x-1", "2 x 2", "2x2x2"}) {
    EXPECT_FALSE(ParseShape(shape).ok()) << shape;
  }
}

TEST_F(InputTest, LeavesRowsOutThatAreNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const Table table = MustRead(
      "x.npy", Npy("'<f4'", "False", "(4, 2)", Floats({1, nan, 2, 3, -infinity, 5, 6, 7})));
  EXPECT_EQ(table.points, 4);
  EXPECT_EQ(table.matrix().points, 2);
  EXPECT_THAT(table.left_out, ElementsAre(0, 2));
  EXPECT_THAT(table.values, ElementsAre(2, 3, 6, 7));
  EXPECT_THAT(table.notes,
              ElementsAre("2 of 4 rows are left out of the map, counted from 0: 0 (column 1 is "
                          "NaN), 2 (column 0 is -Inf)"));
  const std::string message =
      ErrorOf("y.npy", Npy("'<f4'", "False", "(3, 2)", Floats({1, nan, 2, 3, -infinity, 5})))
          .message;
  EXPECT_THAT(message, HasSubstr("y.npy: 2 of 3 rows hold NaN or Inf"));
}

TEST_F(InputTest, LeavesRowsOfZerosOutForCosine) {
  InputOptions options;
  options.metric = projector::Metric::kCosine;
  const Table table = MustRead("x.csv", "word,a,b\n<pad>,0,0\ncat,1,2\ndog,2,1\n", options);
  EXPECT_THAT(table.left_out, ElementsAre(0));
  EXPECT_THAT(table.notes,
              ElementsAre("1 of 3 rows are left out of the map, counted from 0: 0 (all zeros)"));
}

TEST_F(InputTest, PassesOverCommentsAndBlankLinesBeforeTheRows) {
  const Table table = MustRead("x.csv", "# made by hand\n\n# a,b\n1,2\n\n3,4\n");
  EXPECT_THAT(table.values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(table.notes, ElementsAre("2 lines that begin with # before the rows: comments"));
  const Table named = MustRead("y.tsv", "#id\tx\ty\na\t1\t2\nb\t3\t4\n");
  EXPECT_THAT(named.metadata.columns, ElementsAre("id"));
  EXPECT_THAT(named.values, ElementsAre(1, 2, 3, 4));
  const Table words = MustRead("z.tsv", "#tag\t1\t2\nword\t3\t4\n");
  EXPECT_THAT(words.metadata.values.at(0), ElementsAre("#tag", "word")) << "a word, with numbers";
  EXPECT_THAT(ErrorOf("x.csv", "1,2\n# later\n3,4\n").message,
              HasSubstr("x.csv, line 2: got 1 cells, want 2"));
}

TEST_F(InputTest, TakesTheFormatThatIsSaid) {
  InputOptions options;
  options.format = "tsv";
  EXPECT_THAT(MustRead("x.data", "1\t2\n3\t4\n", options).values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ErrorOf("x.data", "1\t2\n").message, HasSubstr("or --format"));
  options.shape = "1x1";
  EXPECT_THAT(ErrorOf("x.data", "1\t2\n", options).message, HasSubstr("says that it is raw"));
}

class SpoolTest : public ::testing::Test {
 protected:
  static Result<std::string> FormatOf(std::string_view bytes) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), std::ssize(bytes));
    close(ends[1]);
    const auto input = SpooledInput::Read(ends[0], 1000, {});
    close(ends[0]);
    if (!input.ok()) return input.error();
    return input->GuessFormat();
  }
};

TEST_F(SpoolTest, SeesTheFormatByTheBeginning) {
  EXPECT_EQ(*FormatOf("# a\tb\n\n1,2\n"), "csv");
  EXPECT_EQ(*FormatOf("a\tb\n1\t2\n"), "tsv");
  EXPECT_EQ(*FormatOf("7\n"), "csv");
  EXPECT_EQ(*FormatOf(Npy("'<f4'", "False", "(1, 1)", Floats({1}))), "npy");
  EXPECT_THAT(FormatOf("").error().message, HasSubstr("empty"));
  EXPECT_THAT(FormatOf(std::string_view("\0\1", 2)).error().message, HasSubstr("want --format"));
  EXPECT_EQ(FormatOf(std::string(1001, 'x')).error().code, ErrorCode::kExhausted);
}

TEST_F(SpoolTest, StopsWhileNothingComesAndLeavesNothingBehind) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(SpooledInput::Read(ends[0], 1000, source.get_token()).error().code,
            ErrorCode::kCancelled);
  ASSERT_EQ(write(ends[1], "1,2\n", 4), 4);
  close(ends[1]);
  std::string path;
  {
    const auto input = SpooledInput::Read(ends[0], 1000, {});
    ASSERT_TRUE(input.ok());
    path = input->path();
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
  close(ends[0]);
}

TEST_F(InputTest, TakesHolesAmongNumbersAsNaN) {
  const Table table =
      MustRead("x.csv", "name,a,b\np,1,2\nq,,4\nr,5,nan\ns,NA,8\nt,9,1e39\nu,1,1\nv,1,1\nw,2,2\n");
  EXPECT_EQ(table.points, 8);
  EXPECT_THAT(table.left_out, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(table.metadata.values.at(0).size(), 8U) << "rows keep their labels";
}

TEST_F(InputTest, AColumnOfNumbersMayBeginWithHoles) {
  const Table table = MustRead("x.csv", "name,a,b,c\np,,NA,\nq, null ,2,n/a\nr,5,3,\ns,6,4,\n");
  EXPECT_EQ(table.dims, 2);
  EXPECT_THAT(table.left_out, ElementsAre(0, 1));
  EXPECT_THAT(table.metadata.columns, ElementsAre("name", "c")) << "nothing says that c is numbers";
  EXPECT_EQ(MustRead("x.csv", "NA,2\n1,3\n4,5\n").points, 3) << "its first row is no header";
}

TEST_F(InputTest, TakesColumnsOfNumbersAsRowsAndTheOthersAsMetadata) {
  const Table table = MustRead("x.csv", "name,a,kind,b\r\nu,1,\"p, q\",2\r\nv,-3e1, ,+4\r\n");
  EXPECT_EQ(table.points, 2);
  EXPECT_EQ(table.dims, 2);
  EXPECT_THAT(table.values, ElementsAre(1, 2, -30, 4));
  EXPECT_THAT(table.metadata.columns, ElementsAre("name", "kind"));
  EXPECT_THAT(table.metadata.values[1], ElementsAre("p, q", " "));
}

TEST_F(InputTest, SeesWhetherTheFirstRowIsAHeader) {
  EXPECT_EQ(MustRead("x.csv", "1,2\n3,4\n").points, 2);
  EXPECT_EQ(MustRead("x.csv", "a,b\n3,4\n").points, 1);
  EXPECT_EQ(MustRead("x.csv", "label,1,2\n7,3,4\n").points, 1);
  const Table words = MustRead("x.tsv", "cat\t1\t2\ndog\t3\t4\n");
  EXPECT_EQ(words.points, 2);
  EXPECT_THAT(words.metadata.columns, ElementsAre("column 1"));
  EXPECT_THAT(words.metadata.values[0], ElementsAre("cat", "dog"));
  InputOptions no_header;
  no_header.header = TextTableOptions::Header::kNo;
  EXPECT_EQ(MustRead("x.csv", "0,1\n3,4\n", no_header).points, 2);
  InputOptions header;
  header.header = TextTableOptions::Header::kYes;
  EXPECT_EQ(MustRead("x.csv", "0,1\n3,4\n", header).points, 1);
}

TEST_F(InputTest, KeepsARowIndexAndNamedColumnsOutOfTheRows) {
  EXPECT_THAT(MustRead("x.csv", ",a\n0,5\n1,6\n").values, ElementsAre(5, 6));
  InputOptions options;
  options.metadata_columns = {"label"};
  const Table table = MustRead("x.csv", "label,a\n9,5\n8,6\n", options);
  EXPECT_THAT(table.values, ElementsAre(5, 6));
  EXPECT_THAT(table.metadata.values[0], ElementsAre("9", "8"));
}

TEST_F(InputTest, NamesTheLineAndColumnOfABadCell) {
  const auto message = [&](const std::string& text) { return ErrorOf("x.csv", text).message; };
  EXPECT_THAT(message("a,b\n1,2\n3,four\n"),
              HasSubstr("x.csv, line 3, column \"b\": got \"four\""));
  EXPECT_THAT(message("a,b\n1,1e39\n"), HasSubstr("row 0 (column 1 is Inf)"));
  std::string holes;
  for (int i = 0; i < 1000; ++i) holes += "1,\n";
  EXPECT_THAT(message("a,b\n" + holes + "3,4\n"),
              HasSubstr("line 1002, column \"b\": a number below"));
  EXPECT_THAT(message("1,2\n3\n"), HasSubstr("line 2: got 1 cells, want 2"));
  EXPECT_THAT(message("a,b\n1,\"2\n"), HasSubstr("never closed"));
  EXPECT_THAT(message("a,b\n"), HasSubstr("no rows below the header"));
  EXPECT_THAT(message("name\nx\n"), HasSubstr("no column holds numbers"));
  EXPECT_THAT(message(""), HasSubstr("no rows"));
}

TEST_F(InputTest, TakesQuotesInTabSeparatedValuesAsLetters) {
  const Table table = MustRead("x.tsv", "\"\t1\n\"a\t2\n");
  EXPECT_THAT(table.metadata.values[0], ElementsAre("\"", "\"a"));
}

TEST_F(InputTest, ReadsTheTensorOfAConfigWithItsMetadata) {
  Write("t.tsv", "1\t2\n3\t4\n");
  Write("m.tsv", "name\tkind\na\tp\nb\tq\n");
  const std::string one =
      "embeddings { tensor_name: 'items' tensor_path: 't.tsv' "
      "metadata_path: 'm.tsv' }\n";
  const Table table = MustRead("projector_config.pbtxt", one);
  EXPECT_EQ(table.name, "items");
  EXPECT_THAT(table.values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(table.metadata.values[1], ElementsAre("p", "q"));

  const std::string two = one + "embeddings { tensor_name: 'users' tensor_path: 't.tsv' }";
  EXPECT_THAT(ErrorOf("p.pbtxt", two).message, HasSubstr("--tensor with one of: items, users"));
  InputOptions options;
  options.tensor = "users";
  EXPECT_EQ(MustRead("p.pbtxt", two, options).name, "users");
  options.tensor = "other";
  EXPECT_EQ(ErrorOf("p.pbtxt", two, options).code, ErrorCode::kNotFound);
  EXPECT_EQ(ErrorOf("p.pbtxt", "embeddings { tensor_path: '../secret.tsv' }").code,
            ErrorCode::kNotFound);
  EXPECT_THAT(ErrorOf("p.pbtxt", "embeddings {").message, HasSubstr("p.pbtxt"));
}

TEST_F(InputTest, RefusesAConfigsTensorThatMemoryDoesNotHold) {
  Write("t.tsv", "1\t2\n3\t4\n");
  Write("t.npy", Npy("'<f4'", "False", "(2, 2)", Floats({1, 2, 3, 4})));
  Write("t.bytes", Floats({1, 2, 3, 4}));
  for (const char* tensor : {"'t.tsv'", "'t.npy'", "'t.bytes' tensor_shape: 2 tensor_shape: 2"}) {
    const std::string config = StrCat("embeddings { tensor_name: 'x' tensor_path: ", tensor, " }");
    InputOptions options;
    options.bytes_max = 15;  // four numbers take 16
    const Error error = ErrorOf("p.pbtxt", config, options);
    EXPECT_EQ(error.code, ErrorCode::kExhausted) << tensor;
    EXPECT_THAT(error.message, HasSubstr("(--memory-gib)")) << tensor;
    options.bytes_max = 1024;
    EXPECT_EQ(MustRead("p.pbtxt", config, options).points, 2) << tensor;
  }
}

TEST_F(InputTest, WantsARowOfMetadataForEachRow) {
  InputOptions options;
  options.metadata_file = Write("m.tsv", "a\nb\n");
  EXPECT_THAT(MustRead("x.csv", "1,2\n3,4\n", options).metadata.values[0], ElementsAre("a", "b"));
  EXPECT_THAT(ErrorOf("x.csv", "1,2\n", options).message,
              HasSubstr("m.tsv: got 2 rows of metadata, want 1"));
}

TEST_F(InputTest, NamesTheEndingsThatItReads) {
  EXPECT_THAT(ErrorOf("x.parquet", "abc").message, HasSubstr("got the ending \".parquet\""));
  InputOptions missing;
  missing.file = folder_.File("none.npy");
  EXPECT_EQ(ReadInput(missing, {}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(ReadInput({}, {}).ok());
}

TEST_F(InputTest, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  InputOptions options;
  options.file = Write("x.csv", "1,2\n3,4\n5,6\n");
  EXPECT_EQ(ReadInput(options, source.get_token()).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::mapping
