#include "transfer/import.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <set>
#include <utility>

#include "base/str.h"
#include "tests/transfer/transfer_fixture.h"
#include "transfer/run_folder.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;

class ImportTest : public TransferFixture {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.File(name);
    std::filesystem::remove(path);
    CHECK(AppendFile::Open(path)->Append(text).ok());
    return path;
  }
  Result<ImportSummary> TryImport(const std::string& text, const std::string& run = "run",
                                  const std::string& name = "metrics.csv") {
    return ImportFiles({.files = {Write(name, text)}, .logdir = logdir(), .run = run});
  }
  void ImportAndLoad(const std::string& text, const std::string& run = "run",
                     const std::string& name = "metrics.csv") {
    const auto summary = TryImport(text, run, name);
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
    Load();
  }
  std::string ErrorOf(const std::string& text) {
    const auto summary = TryImport(text);
    EXPECT_FALSE(summary.ok());
    EXPECT_TRUE(std::filesystem::is_empty(logdir()) || !std::filesystem::exists(EventFile("run")));
    return summary.ok() ? "" : summary.error().message;
  }
  std::string ErrorOfJson(const std::string& text) {
    const auto summary = TryImport(text, "other", "metrics.jsonl");
    return summary.ok() ? "" : summary.error().message;
  }
  std::vector<double> Values(const std::string& run, const std::string& tag) {
    return AllPoints(run, tag, 100'000).value;
  }
};

TEST_F(ImportTest, MakesATagOfEveryNumericColumn) {
  ImportAndLoad("epoch,loss,accuracy,note\n1,0.5,0.1,first\n2,,NaN,\n3,0.25,inf,third\n");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1, 3));
  EXPECT_THAT(Values("run", "loss"), ElementsAre(0.5, 0.25));
  const auto accuracy = Values("run", "accuracy");
  ASSERT_EQ(accuracy.size(), 3u);
  EXPECT_EQ(accuracy[0], 0.1);  // as float64
  EXPECT_TRUE(std::isnan(accuracy[1]) && std::isinf(accuracy[2]));
  EXPECT_EQ(store_->ReadTags({})->size(), 2u);
}

TEST_F(ImportTest, KnowsTensorBoardsAndOurOwnHeaders) {
  ImportAndLoad("Wall time,Step,Value\r\n1700000000.5,3,0.5\r\n", "a", "loss.csv");
  const auto points = AllPoints("a", "loss", 10);
  EXPECT_THAT(points.step, ElementsAre(3));
  EXPECT_THAT(points.wall_time, ElementsAre(1700000000.5));
  ImportAndLoad("_step,_timestamp,_runtime,loss\n0,1700000001,1.5,9\n", "b");
  EXPECT_THAT(AllPoints("b", "loss", 10).wall_time, ElementsAre(1700000001));
}

TEST_F(ImportTest, ReadsAnArrayThatIsLaidOutForReaders) {
  ImportAndLoad(
      "[\n  {\n    \"step\": 1,\n    \"loss\": 0.5\n  },\n  {\n    \"loss\": true\r\n  }\n]\n",
      "run", "metrics.json");
  EXPECT_THAT(Values("run", "loss"), ElementsAre(0.5, 1));
}

TEST_F(ImportTest, TakesBackWhatWasExported) {
  EventBuilder file(1.25);
  for (const char* tag : {"a,b", "=1+1", "'quoted", "'=twice", "two\nlines", "größe"}) {
    file.Scalar(tag, 5, 0.1f).Scalar(tag, 6, -INFINITY).Scalar(tag, 6, 1e-30f);
  }
  file.AppendTo(EventFile("deep/run"));
  Load();
  const std::string csv = ExportAll({});
  const std::string lines = ExportAll({.format = Format::kJsonLines});
  const std::string again = folder_.File("again");
  for (const auto& [name, text] : {std::pair{"x.csv", csv}, std::pair{"x.jsonl", lines}}) {
    std::filesystem::remove_all(again);
    const auto summary = ImportFiles({.files = {Write(name, text)}, .logdir = again});
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
    EXPECT_EQ(summary->points, 18);
    auto copy = store::Store::Open({.logdir = again, .data_dir = folder_.File(StrCat("d", name))});
    ASSERT_TRUE((*copy)->LoadOnce().ok());
    store_ = *std::move(copy);
    EXPECT_EQ(ExportAll({}), csv);
  }
}

// Letters that one format or another has a meaning for, in any order.
std::string HostileName(std::mt19937* random) {
  static const std::vector<std::string> kParts = {
      "",          "a",    "'",      "\"",         ",",
      ";",         "=",    "+",      "-",          "@",
      "\t",        "\r",   "\n",     "\r\n",       std::string(1, '\0'),
      " ",         "\\",   "{",      "}",          "[",
      "]",         ":",    "#",      "/",          "%00",
      "\x7f",      "\x01", "NaN",    "1",          "-0",
      "null",      "tag",  "value",  "run",        "step",
      "Wall time", "ö",    "\u2028", "\U0001F600", "\xEF\xBB\xBF",
      "\\u0041",   "key",  "metric", "wall_time"};
  std::uniform_int_distribution<size_t> part(0, kParts.size() - 1);
  std::uniform_int_distribution<int> count(0, 4);
  std::string name;
  for (int i = count(*random); i > 0; --i) name += kParts[part(*random)];
  return name;
}

// What a folder may be called, and what else stands for a place.
bool CanBeARun(const std::string& name) {
  return RunFolder(name).ok() && name != "." && name.find("tfevents") == std::string::npos;
}

TEST_F(ImportTest, EveryNameComesBackFromEveryTextFormat) {
  std::mt19937 random(11);
  std::set<std::string> runs = {"a b", "=run", "'run", " ", "deep/er", "-", "\\"};
  std::set<std::string> tags = {"",
                                "'",
                                "''",
                                "run",
                                "'run",
                                "value",
                                "Key",
                                "step",
                                "Tag",
                                "=",
                                std::string(1, '\0'),
                                " ",
                                std::string(20'000, 'x')};
  while (runs.size() < 20) {
    if (std::string name = HostileName(&random); CanBeARun(name)) runs.insert(std::move(name));
  }
  while (tags.size() < 200) tags.insert(HostileName(&random));
  for (const std::string& run : runs) {
    EventBuilder file(1.25);
    for (const std::string& tag : tags) {
      file.set_wall_time(1.25);  // a row of the wide form has one time
      file.Scalar(tag, 5, 0.1f).set_wall_time(1.25);
      file.Scalar(tag, 6, NAN);
    }
    file.AppendTo(EventFile(run));
  }
  Load();
  const std::string want = ExportAll({.format = Format::kJsonLines});
  const ExportQuery queries[] = {{.format = Format::kCsv},
                                 {.format = Format::kCsv, .wide = true},
                                 {.format = Format::kJson},
                                 {.format = Format::kJsonLines}};
  for (size_t i = 0; i < std::size(queries); ++i) {
    SCOPED_TRACE(i);
    const std::string again = folder_.File(StrCat("again", i));
    const auto summary =
        ImportFiles({.files = {Write("names", ExportAll(queries[i]))}, .logdir = again});
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
    EXPECT_EQ(summary->points, static_cast<int64_t>(2 * runs.size() * tags.size()));
    auto copy = store::Store::Open({.logdir = again, .data_dir = folder_.File(StrCat("data", i))});
    ASSERT_TRUE((*copy)->LoadOnce().ok());
    store_ = *std::move(copy);
    EXPECT_TRUE(ExportAll({.format = Format::kJsonLines}) == want);
  }
}

// As programs do that log the epoch of each step.
TEST_F(ImportTest, TakesBackAWideTableWhoseTagsAreCalledLikeItsOwnColumns) {
  EventBuilder file(1.25);
  file.Scalar("step", 7, 1).Scalar("run", 7, 2).Scalar("wall_time", 7, 3).Scalar("'run", 7, 4);
  file.AppendTo(EventFile("run"));
  Load();
  const std::string csv = ExportAll({.wide = true});
  EXPECT_EQ(csv.substr(0, csv.find('\r')), "run,step,wall_time,''run,'run,'step,'wall_time");
  const std::string again = folder_.File("again");
  const auto summary = ImportFiles({.files = {Write("wide.csv", csv)}, .logdir = again});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  auto copy = store::Store::Open({.logdir = again, .data_dir = folder_.File("copy")});
  ASSERT_TRUE((*copy)->LoadOnce().ok());
  store_ = *std::move(copy);
  EXPECT_EQ(ExportAll({.wide = true}), csv);
}

TEST_F(ImportTest, ReadsWhatProgramsDoToCsv) {
  ImportAndLoad(
      "\xEF\xBB\xBF\"step\",\"a \"\"b\"\"\",\"c\nd\"\r\n 1.0 , +2 ,\"3\"\r\n\r\n2,-1e5,4\n3,1,2");
  EXPECT_THAT(Steps("run", "a \"b\""), ElementsAre(1, 2, 3));
  EXPECT_THAT(Values("run", "a \"b\""), ElementsAre(2, -1e5, 1));
  EXPECT_THAT(Values("run", "c\nd"), ElementsAre(3, 4, 2));
}

TEST_F(ImportTest, EndsLinesByACarriageReturnAlone) {
  EXPECT_THAT(ErrorOf("step,loss\r1,0.5\r2,x\r"), HasSubstr("line 3"));
  EXPECT_THAT(ErrorOf("step,loss\r\n1,0.5\r\n2,x\r\n"), HasSubstr("line 3"));
  ImportAndLoad("step,loss,note\r1,0.5,\"a\rb\"\r\r2,0.25,c\r");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1, 2));
  EXPECT_THAT(Values("run", "loss"), ElementsAre(0.5, 0.25));
  EXPECT_EQ(store_->ReadTags({})->size(), 1u);
}

// As PowerShell redirects a program's output, and spreadsheets save "Unicode text".
TEST_F(ImportTest, NamesTheEncodingThatItDoesNotRead) {
  using namespace std::string_literals;
  EXPECT_THAT(ErrorOf("\xff\xfes\0t\0e\0p\0\n\0001\0\n\0"s),
              HasSubstr("the text is UTF-16, want UTF-8"));
  EXPECT_THAT(ErrorOf("\xfe\xff\0s\0t\0e\0p\0\n\0001"s), HasSubstr("the text is UTF-16"));
}

TEST_F(ImportTest, TakesTabsBetweenTheColumnsOfATsvFile) {
  const auto summary =
      TryImport("step\tloss, train\n1\t0.5\n2\t\n3\t\"nan\"\n", "run", "table.tsv");
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->points, 2);
}

TEST_F(ImportTest, SplitsAChartOfWeightsAndBiasesIntoItsRuns) {
  ImportAndLoad(
      "\"Step\",\"glad-sun-1 - loss\",\"glad-sun-1 - loss__MIN\",\"glad-sun-1 - loss__MAX\","
      "\"a - b - val/loss\",\"a - b - val/loss__MIN\",\"a - b - val/loss__MAX\",x - y\n"
      "0,1.5,1,2,3,3,3,7\n5,1.25,1,2,,,,8\n",
      "");
  EXPECT_THAT(Steps("glad-sun-1", "loss"), ElementsAre(0, 5));
  EXPECT_THAT(Values("glad-sun-1", "loss"), ElementsAre(1.5, 1.25));
  EXPECT_THAT(Values("a - b", "val/loss"), ElementsAre(3));
  EXPECT_THAT(Values("metrics", "x - y"), ElementsAre(7, 8));
  EXPECT_EQ(store_->ReadTags({})->size(), 3u);
}

// As Lightning's and Hugging Face's charts are exported, whose axis is not Weights & Biases' own.
TEST_F(ImportTest, TakesTheStepsOfAChartFromItsAxisByAnyPrefix) {
  ImportAndLoad(
      "\"trainer/global_step\",\"sun-1 - loss\",\"sun-1 - loss__MIN\",\"sun-1 - loss__MAX\"\n"
      "50,1.5,1,2\n100,1.25,1,2\n",
      "");
  EXPECT_THAT(Steps("sun-1", "loss"), ElementsAre(50, 100));
  EXPECT_EQ(store_->ReadTags({})->size(), 1u);
}

TEST_F(ImportTest, KeepsTheRunsOfMlflowApartAndItsMillisecondsTimes) {
  ImportAndLoad(
      "run_id,key,value,timestamp,step\n"
      "5e1,loss,0.5,1700000000123,0\n5e1,loss,0.25,1700000001123,1\nab2,loss,4,1700000002000,0\n",
      "");
  EXPECT_THAT(Values("5e1", "loss"), ElementsAre(0.5, 0.25));
  EXPECT_THAT(Values("ab2", "loss"), ElementsAre(4));
  EXPECT_THAT(AllPoints("5e1", "loss", 100).wall_time, ElementsAre(1700000000.123, 1700000001.123));
}

TEST_F(ImportTest, TakesTimesBeyondTheYear5138ForSecondsWhereTheirNameSaysSo) {
  ImportAndLoad("step,wall_time,loss\n1,1e12,0.5\n");
  EXPECT_THAT(AllPoints("run", "loss", 100).wall_time, ElementsAre(1e12));
}

TEST_F(ImportTest, ReadsDatesAsTimes) {
  ImportAndLoad(
      "timestamp,step,loss\n2024-01-31 10:00:00,1,4\n2024-01-31T10:00:00.25Z,2,3\n"
      "2024-01-31T10:00:00+01:00,3,2\n2024-01-31 10:00:00.000001-0130,4,1\n");
  EXPECT_THAT(AllPoints("run", "loss", 100).wall_time,
              ElementsAre(1706695200, 1706695200.25, 1706691600, 1706700600.000001));
}

TEST_F(ImportTest, RefusesTimesThatAreNoDates) {
  for (const char* text :
       {"2024-02-30 10:00:00", "2024-01-31", "2024-01-31 24:00:00", "10:00", "2024-01-31T10:00:00.",
        "2024-01-31T10:00:00Zulu", "31.01.2024 10:00:00"}) {
    EXPECT_THAT(ErrorOf(StrCat("timestamp,loss\n", text, ",1\n")),
                HasSubstr("want seconds since the epoch or a date as time"));
  }
}

TEST_F(ImportTest, NamesTheRunAfterTheFileWhereNothingElseDoes) {
  ImportAndLoad("loss\n3\n", "", "t\xC3\xBCr 1.v2.csv");
  EXPECT_THAT(Values("t\xC3\xBCr 1.v2", "loss"), ElementsAre(3));
  ImportAndLoad("run,loss\nmine,4\n,5\n", "", "other.csv");
  EXPECT_THAT(Values("mine", "loss"), ElementsAre(4));
  EXPECT_THAT(Values("other", "loss"), ElementsAre(5));
}

TEST_F(ImportTest, MakesNoPointOfAWordForNothing) {
  ImportAndLoad("step,loss,val\n0,NA,None\n1,0.5, null \n2,n/a,3\n");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1));
  EXPECT_THAT(Steps("run", "val"), ElementsAre(2));
}

TEST_F(ImportTest, NumbersRowsThatTellNoStep) {
  ImportAndLoad("loss\n3\n2\n1\n");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2));
}

TEST_F(ImportTest, ReadsJsonLinesOfChangingShape) {
  ImportAndLoad(
      "{\"_step\": 1, \"loss\": 0.5, \"ok\": true, \"h\": {\"_type\": [1, {\"a\": \"}\"}]}, "
      "\"n\": null}\n\n"
      "{\"_step\": 2, \"loss\": NaN, \"val\\u00e9\": -1E2, \"name\": \"x\"}\r\n"
      "{\"loss\": \"Infinity\", \"_step\": 9007199254740993, \"\\ud83d\\ude00\": 1}");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1, 2, 9007199254740993));
  EXPECT_THAT(Values("run", "val\xC3\xA9"), ElementsAre(-100));
  EXPECT_THAT(Values("run", "ok"), ElementsAre(1));
  EXPECT_THAT(Values("run", "\xF0\x9F\x98\x80"), ElementsAre(1));
  EXPECT_EQ(store_->ReadTags({})->size(), 4u);
}

TEST_F(ImportTest, NamesWhatLiesInObjectsByTheirNamesAndLeavesOutMedia) {
  ImportAndLoad(
      "{\"eval\": {\"loss\": 0.5, \"by\": {\"cat\": 1, \"l\": [1, {\"a\": 2}], \"s\": \"x\"}}, "
      "\"image\": {\"width\": 3, \"_type\": \"image-file\", \"more\": {\"size\": 4}}, \"e\": "
      "{}}\n");
  EXPECT_THAT(Values("run", "eval.loss"), ElementsAre(0.5));
  EXPECT_THAT(Values("run", "eval.by.cat"), ElementsAre(1));
  EXPECT_EQ(store_->ReadTags({})->size(), 2u);
  EXPECT_THAT(ErrorOfJson("{\"a\": {\"b\": 1}, \"a.b\": 2}"), HasSubstr("stands there twice"));
  std::string text;
  for (int i = 0; i < 70; ++i) text += "{\"a\":";
  EXPECT_THAT(ErrorOfJson(text), HasSubstr("nested deeper than 64"));
  // Each name holds all before it.
  text = "{\"" + std::string(2000, 'n') + "\": {";
  for (int i = 0; i < 9000; ++i) text += StrCat(i > 0 ? "," : "", "\"", i, "\":0");
  EXPECT_THAT(ErrorOfJson(text + "}}"), HasSubstr("names of more than 16 MiB"));
}

// Wherever an escape, of two bytes, lies across the bound.
TEST_F(ImportTest, EndsAnObjectOfAnArrayThatIsTooLong) {
  std::string escapes;
  for (size_t i = 0; i < (size_t{9} << 20); ++i) escapes += "\\n";
  for (const std::string name : {"a", "ab"}) {
    EXPECT_THAT(ErrorOfJson("[{\"" + name + "\": \"" + escapes + "\"}]"),
                HasSubstr("more than 16777216 bytes"));
  }
}

TEST_F(ImportTest, ReadsAnArrayOfObjectsOnAnyLines) {
  ImportAndLoad(
      "[\n{\"step\": 1,\n\"a\": 1, \"t\": \"]}\\\"\"}\n, {\"step\":2,\"a\":3,\"n\":[{}]}]\n");
  EXPECT_THAT(Steps("run", "a"), ElementsAre(1, 2));
  EXPECT_THAT(Values("run", "a"), ElementsAre(1, 3));
}

TEST_F(ImportTest, ReadsSemicolonsAndDecimalCommasAsSpreadsheetsWriteThem) {
  ImportAndLoad("step;loss;\"a,b\"\r\n1;0,5;1,5e-3\r\n2;-0,25;\"2,0\"\r\n3;7;0.125\r\n");
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1, 2, 3));
  EXPECT_THAT(Values("run", "loss"), ElementsAre(0.5, -0.25, 7));
  EXPECT_THAT(Values("run", "a,b"), ElementsAre(1.5e-3, 2, 0.125));
  ImportAndLoad("step,x;y\n1,2\n", "commas");
  EXPECT_THAT(Values("commas", "x;y"), ElementsAre(2));
}

TEST_F(ImportTest, TakesColumnsThatPandasNumbered) {
  ImportAndLoad("0,1\n0.5,7\n");
  EXPECT_THAT(Values("run", "0"), ElementsAre(0.5));
  EXPECT_THAT(Values("run", "1"), ElementsAre(7));
}

TEST_F(ImportTest, NamesTheLineAndTheColumnOfWhatIsWrong) {
  EXPECT_THAT(ErrorOf("step,loss\n1,0.5\n2,bad\n"),
              HasSubstr("metrics.csv, line 3, column \"loss\": got \"bad\", want a number"));
  EXPECT_THAT(ErrorOf("step,loss\n1.5,1\n"), HasSubstr("line 2, column \"step\": got \"1.5\""));
  EXPECT_THAT(ErrorOf("step,loss\n,1\n"), HasSubstr("line 2, column \"step\": got \"\""));
  EXPECT_THAT(ErrorOf("step,loss\n1,2,3\n"), HasSubstr("line 2: got 3 cells, want 2"));
  EXPECT_THAT(ErrorOf("step,\"loss\n1,2\n"), HasSubstr("line 1: column 2: the quotes are never"));
  EXPECT_THAT(ErrorOf("step,\"loss\"x\n1,2\n"), HasSubstr("column 2: text behind the quotes"));
  EXPECT_THAT(ErrorOf("a,a\n1,2\n"), HasSubstr("two columns are called \"a\""));
  EXPECT_THAT(ErrorOf("tag,value\n,2\n"), HasSubstr("line 2, column \"tag\": empty"));
  EXPECT_THAT(ErrorOf("step,time,wall_time,x\n1,1,soon,2\n"), HasSubstr("column \"wall_time\""));
  EXPECT_THAT(ErrorOf(""), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf("step\tloss\n1\t0,5\n"),
              HasSubstr("want commas between columns, the header is \"step\tloss\""));
  EXPECT_THAT(ErrorOf("1.5,2.25\n2.5,3.75\n"), HasSubstr("line 1: only numbers, want a header"));
  EXPECT_THAT(ErrorOf("1,5;2,25\n2,5;3,75\n"), HasSubstr("line 1: only numbers, want a header"));
  EXPECT_THAT(ErrorOf("step;loss\n1;0,5\n2;1.024,5\n"), HasSubstr("got \"1.024,5\""));
  EXPECT_THAT(ErrorOf("step\tloss\n1\t2\n"), HasSubstr("only texts in \"step\tloss\""));
  EXPECT_THAT(ErrorOf("step,name\n1,x\n"), HasSubstr("no numbers"));
  EXPECT_THAT(ErrorOf("[{\"a\":1},\n{\"a\":}]"), HasSubstr("line 2: column 6"));
  EXPECT_THAT(ErrorOf("[{\"a\":1}"), HasSubstr("the array is never closed"));
  EXPECT_THAT(ErrorOf("[{\"a\":\"]"), HasSubstr("the array is never closed"));
  EXPECT_THAT(ErrorOf("[{\"a\":1} {\"a\":2}]"), HasSubstr("want , or ]"));
  EXPECT_THAT(ErrorOf("[{\"a\":1}]]"), HasSubstr("text behind the array"));
  EXPECT_THAT(ErrorOf("[{\"a\":1}, 2]"), HasSubstr("want an object in the array"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("no numbers"));
  EXPECT_THAT(ErrorOf("{\"a\":1}\n{\"a\":}\n"), HasSubstr("line 2: column 6"));
  EXPECT_THAT(ErrorOf("{\"a\":1,\"a\":2}\n"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("{\"a\":1} x\n"), HasSubstr("text behind the object"));
  EXPECT_THAT(ErrorOf("{\"a\":" + std::string(100'000, '[') + "\n"), HasSubstr("deeper than 64"));
}

TEST_F(ImportTest, BoundsTheRowsThatItReads) {
  EXPECT_THAT(ErrorOf("step,loss\n1,\"" + std::string(17 << 20, 'x')), HasSubstr("a row of more"));
  EXPECT_THAT(ErrorOf("{\"a\":\"" + std::string(17 << 20, 'x')), HasSubstr("a line of more"));
  EXPECT_THAT(ErrorOf("[{\"a\":\"" + std::string(17 << 20, 'x')), HasSubstr("an object of more"));
  EXPECT_THAT(ErrorOf("step" + std::string(10'001, ',') + "\n"), HasSubstr("more than 10000"));
}

TEST_F(ImportTest, ARunNeverLeadsOutOfTheLogDirectory) {
  for (const char* run : {"../x", "/etc", "a//b", "a/./b", ".."}) {
    EXPECT_THAT(ErrorOf(StrCat("run,tag,step,value\n", run, ",loss,1,2\n")),
                HasSubstr("cannot be a folder"))
        << run;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.File("x")));
}

TEST_F(ImportTest, NothingIsImportedWhenALaterRowIsWrong) {
  EXPECT_FALSE(TryImport("run,tag,step,value\na,x,1,1\nb,x,1,1\nc,x,1,bad\n", "").ok());
  Load();
  EXPECT_TRUE(store_->ReadRuns()->empty());
  EXPECT_TRUE(std::filesystem::is_empty(logdir()));
}

TEST_F(ImportTest, LeavesNoFolderOfItsOwnBehindWhenItFails) {
  const std::string text = "run,tag,step,value\na/b/c,x,1,1\na/b,x,1,1\na/d,x,1,1\ne,x,1,bad\n";
  const std::string made = folder_.File("made");
  const auto import = [&](const std::string& below) {
    return ImportFiles({.files = {Write("m.csv", text)}, .logdir = made + below});
  };
  EXPECT_FALSE(import("/logs").ok());
  EXPECT_FALSE(std::filesystem::exists(made));
  ASSERT_TRUE(MakeFolders(made + "/a/other").ok());
  EXPECT_FALSE(import("").ok());
  EXPECT_TRUE(std::filesystem::exists(made + "/a/other"));
  EXPECT_FALSE(std::filesystem::exists(made + "/a/b"));
  EXPECT_FALSE(std::filesystem::exists(made + "/a/d"));
}

TEST_F(ImportTest, RefusesARunThatIsThereUnlessToldToAdd) {
  ImportAndLoad("step,x\n1,1\n");
  EXPECT_THAT(TryImport("step,x\n2,2\n").error().message, HasSubstr("is there already"));
  const auto summary = ImportFiles({.files = {Write("more.csv", "step,y\n2,2\n")},
                                    .logdir = logdir(),
                                    .run = "run",
                                    .append = true});
  ASSERT_TRUE(summary.ok());
  Load();
  EXPECT_THAT(Values("run", "x"), ElementsAre(1));
  EXPECT_THAT(Values("run", "y"), ElementsAre(2));
}

TEST_F(ImportTest, TakesTheColumnsThatItIsTold) {
  const std::string path = Write("m.csv", "iter,when,step,x\n7,5.5,100,1\n");
  const auto summary = ImportFiles({.files = {path},
                                    .logdir = logdir(),
                                    .run = "run",
                                    .step_column = "iter",
                                    .time_column = "when"});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  Load();
  EXPECT_THAT(Steps("run", "x"), ElementsAre(7));
  EXPECT_THAT(Values("run", "step"), ElementsAre(100));
  EXPECT_THAT(ImportFiles({.files = {path}, .logdir = logdir(), .run = "b", .step_column = "none"})
                  .error()
                  .message,
              HasSubstr("no column \"none\""));
}

}  // namespace
}  // namespace spirogram::transfer
