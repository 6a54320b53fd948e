// Options from a file: what reaches the library, what goes before what, and every way to be wrong.
#include "fake.h"

static struct program program;

static void write_config(void **state, const char *text) {
    FILE *file = fopen(path_of(*state, "c.json"), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

// `before` and `after` stand around the file on the command line.
static void run_with(void **state, const char *before, const char *after) {
    char call[1024];
    (void)snprintf(call, sizeof call, "%s --config %s %s", before, path_of(*state, "c.json"), after);
    set("FAKE_SHOW=1", (char *)NULL);
    run_program(&program, *state, call);
}

static void assert_reaches(void **state, const char *text, const char *before, const char *after,
                           const char *shown) {
    write_config(state, text);
    run_with(state, before, after);
    if (program.code != 0) fail_msg("exit code %d: %s", program.code, program.err);
    assert_has(program.err, shown);
}

static void every_kind_of_value_reaches_the_library(void **state) {
    assert_reaches(state,
                   "{\"data\": \"d \\u00fc\", \"hidden\": [512, 256], \"latent\": 3, \"lr\": 1e-2,\n"
                   " \"seed\": \"18446744073709551615\", \"validate\": true, \"print-tape\": false,\n"
                   " \"out\": \"x\", \"model\": \"mlp\", \"device\": \"two\", \"limits\": \"minimum\"}",
                   "train", "",
                   "data=d \xc3\xbc model=mlp hidden=512,256 latent=3 batch=129 epochs=11 lr=0.01 "
                   "seed=18446744073709551615 out=x force=0 resume=(null) device=two kernels=(null) "
                   "minimum=1 validate=1 tape=0\n");
    assert_reaches(state, "{\"size\": \"30x40\", \"channels\": 3, \"images\": 7, \"data-seed\": 5}",
                   "train", "--out x",
                   "images=7 test=0 size=30x40 channels=3 data-seed=5 activation=(null)");
    assert_reaches(state, "{\"hidden\": \"5,4\", \"lr\": 3, \"seed\": 9007199254740991}", "train",
                   "--out x", "hidden=5,4 latent=21 batch=129 epochs=11 lr=3 seed=9007199254740991 ");
    assert_reaches(state, "{\"hidden\": 5, \"lr\": \"1e-3\"}", "train", "--out x", "hidden=5,0 ");
    assert_reaches(
        state,
        "{\"data\": \"a\", \"fit\": \"contain\", \"crop\": \"center\", \"background\": \"00ff00\",\n"
        " \"strict\": true, \"layout\": \"nchw\", \"normalize\": \"minmax\", \"range\": [-1, 2.5],\n"
        " \"labels\": \"l\", \"test-data\": \"t\", \"test-labels\": \"m\", \"split\": 0.75,\n"
        " \"limit\": 12, \"threads\": 3, \"data-memory\": \"3M\", \"augment\": \"flip\",\n"
        " \"save-every\": \"2h\"}",
        "train", "--out x",
        "fit=contain crop=center background=00ff00 strict=1 layout=nchw normalize=minmax "
        "range=-1,2.5 labels=l test=t,m split=0.75 limit=12 threads=3 memory=3145728 "
        "augment=flip save=2h\n");
    assert_reaches(state,
                   "{\"model\": \"conv\", \"channels-list\": [32, 64], \"upsample\": \"nearest\",\n"
                   " \"norm\": \"none\", \"blocks\": 2, \"dropout\": 0.5, \"data-memory\": 4096}",
                   "train", "--out x --range -2,3",
                   "stages=32,64 upsample=nearest norm=none blocks=2 dropout=0.5\n");
    assert_reaches(state,
                   "{\"objective\": \"vae\", \"samples\": 3, \"beta\": 2.5, \"kl-warmup\": 7,\n"
                   " \"free-bits\": 0.25, \"capacity\": 12, \"capacity-steps\": 99}",
                   "train", "--out x --kl-cycle 8 --capacity-gamma 4",
                   "objective=vae samples=3 beta=2.5 warmup=7 cycle=8 free=0.25 capacity=12,99,4\n");
    assert_reaches(state, "\xef\xbb\xbf{}", "train", "--out x", "hidden=401,0 ");
    assert_reaches(state, "{\"count\": 9, \"out\": \"a.npy\"}", "sample r", "",
                   "run=r count=9 seed=3 out=a.npy");
}

// An option that may stand alone.
static void profile_is_true_false_or_a_file(void **state) {
    assert_reaches(state, "{\"profile\": true}", "train", "--out x", "profile to (null)\n");
    assert_reaches(state, "{\"profile\": \"t.json\"}", "train", "--out x", "profile to t.json\n");
    assert_reaches(state, "{\"profile\": true}", "train", "--out x --profile=a", "profile to a\n");
    assert_reaches(state, "{\"profile\": false}", "train", "--out x", "seed=43");
    assert_has_not(program.err, "profile to");
    assert_reaches(state, "{\"profile\": true}", "train", "--out x --profile=false", "seed=43");
    assert_has_not(program.err, "profile to");
}

// What was typed goes before what the file says and does not go with it.
static void options_of_the_file_that_clash_give_way_to_those_typed(void **state) {
    assert_reaches(state, "{\"count\": 5, \"columns\": 3}", "sample r", "--from z.npy -o x.npy",
                   "from=z.npy ");
    write_config(state, "{\"count\": 5, \"from\": \"z.npy\"}");
    run_with(state, "sample r", "");
    assert_int_equal(program.code, 2);
    assert_has(program.err, "--count is for z that is drawn, and --from z.npy is decoded");
    write_config(state, "{\"columns\": 5, \"out\": \"x.npy\"}");
    run_with(state, "sample r", "");
    assert_int_equal(program.code, 2);
    assert_has(program.err, "--columns is for a grid, and x.npy is none");
}

// What the file says of a set or a model is not held against another one.
static void another_set_or_model_takes_the_place_of_the_files(void **state) {
    const char *file =
        "{\"data\": \"a\", \"limit\": 7, \"labels\": \"l\", \"split\": 0.5, \"augment\": \"flip\",\n"
        " \"model\": \"mlp\", \"hidden\": 5, \"activation\": \"elu\", \"dropout\": 0.25}";
    assert_reaches(state, file, "train", "--out x --data a",
                   "labels=l test=(null),(null) split=0.5 limit=7 ");
    assert_reaches(state, file, "train", "--out x --data b --limit 8",
                   "labels=(null) test=(null),(null) split=0 limit=8 ");
    assert_reaches(state, file, "train", "--out x --data b", "augment=flip save=(null)\n");
    assert_reaches(state, file, "train", "--out x --model conv", "model=conv hidden=401,0 ");
    assert_reaches(state, file, "train", "--out x --model conv", "activation=(null)");
    assert_reaches(state, file, "train", "--out x --model conv --activation elu", "activation=elu");
    assert_reaches(state, file, "train", "--out x --model conv", "dropout=0.25\n");
    assert_reaches(state, file, "train", "--out x --model mlp", "model=mlp hidden=5,0 ");
}

static void real_numbers_arrive_to_the_last_bit(void **state) {
    static const char *const rates[] = {"0.1", "1e-30", "0.30000000000000004", "3.0517578125e-05",
                                        "100"};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        char text[64], shown[64];
        (void)snprintf(text, sizeof text, "{\"lr\": %s}", rates[i]);
        (void)snprintf(shown, sizeof shown, "lr=%g ", strtod(rates[i], NULL));
        assert_reaches(state, text, "train", "--out x", shown);
    }
}

static void command_line_goes_before_the_file_and_the_file_before_the_variable(void **state) {
    static const char text[] = "{\"latent\": 3, \"device\": \"file\", \"hidden\": [7, 6]}";
    set("VKVAE_DEVICE=variable", (char *)NULL);
    assert_reaches(state, text, "train --latent 4", "--out x", "hidden=7,6 latent=4 ");
    assert_has(program.err, "device=file ");
    assert_reaches(state, text, "train", "--out x --latent 4 --hidden 9 --device line",
                   "hidden=9,0 latent=4 ");
    assert_has(program.err, "device=line ");
    assert_reaches(state, "{}", "train", "--out x", "device=variable ");
    // Of two files, as of any option given twice, the last counts.
    assert_reaches(state, text, "train --config /dev/null", "--out x", "hidden=7,6 latent=3 ");
}

static void run_is_repeated_as_its_record_has_it(void **state) {
    static const char text[] = "{\"record\": {\"data_checksum\": 77, \"version\": \"1\", \"device\": "
                               "\"Card\", \"new\": [1]}}";
    assert_reaches(state, text, "train", "--out x", "repeats=77,1,Card\n");
    assert_reaches(state, text, "train", "--out x --data d", "repeats=0,1,Card\n");
    assert_reaches(state, text, "train", "--out x --images 5", "repeats=0,1,Card\n");
    assert_reaches(state, text, "train", "--out x --device 0", "repeats=77,1,(null)\n");
    assert_reaches(state, "{\"record\": {\"data_checksum\": 4294967295}}", "train", "--out x",
                   "repeats=4294967295,");
    assert_reaches(state, "{\"record\": {\"data_checksum\": 4294967296}}", "train", "--out x",
                   "repeats=0,");
    assert_reaches(state, "{\"record\": 3}", "train", "--out x", "repeats=0,(null),(null)\n");
}

// Kernels that were chosen by time are those of the run's device, unless they are chosen anew.
static void recorded_tuning_is_kept_unless_others_are_asked_for(void **state) {
    static const char text[] = "{\"record\": {\"tuning\": \"nt 1x2x3 a\"}}";
    static const char *const others[] = {"--out x --device 0", "--out x --kernels plain",
                                         "--out x --autotune"};
    assert_reaches(state, text, "train", "--out x", "tuning=nt 1x2x3 a ");
    for (size_t i = 0; i < 3; i++) assert_reaches(state, text, "train", others[i], "tuning=(null) ");
}

// A file, what is said of it behind its name, and the exit code.
static const struct {
    const char *text, *message;
    int code;
} wrong[] = {
    // not a configuration
    {"", ": line 1, column 1: no valid JSON near here; mend it\n", 4},
    {"{\n  \"latent\": 3,\n  \"hidden\" 4}", ": line 3, column 12: no valid JSON near here; mend it\n",
     4},
    {"{\"\xc3\xbc\": 3,}", ": line 1, column 10: no valid JSON", 4},
    {"{\"latent\": 3", ": line 1, column 13: no valid JSON", 4},
    {"{} x", ": line 1, column 4: no valid JSON", 4},
    {"{\"data\": \"a\\", ": line 1, column 11: no valid JSON", 4},
    {"{\"data\": \"a\nb", ": line ", 4},
    {"{\"data\": \"a\\u0000b\"}", ": line 1, column 12: no valid JSON", 4},
    {"[1, 2]", ": expected a JSON object with options as keys, such as {\"epochs\": 2}\n", 4},
    {"3", ": expected a JSON object", 4},
    // keys
    {"{\"hiden\": 3}", ": \"hiden\": no option of train has this name; did you mean \"hidden\"? (see",
     2},
    {"{\"test_images\": 3}",
     ": \"test_images\": no option of train has this name; did you mean "
     "\"test-images\"?",
     2},
    {"{\"--hidden\": 3}", ": \"--hidden\": no option", 2},
    {"{\"qwertyuiop\": 3}", ": \"qwertyuiop\": no option of train has this name (see", 2},
    {"{\"help\": true}", ": \"help\": no option of train has this name", 2},
    {"{\"n\": 3}", ": \"n\": no option", 2},
    {"{\"\": 3}", ": \"\": no option of train", 2},
    {"{\"config\": \"x\"}", ": \"config\": a configuration names no other; leave it out", 2},
    {"{\"latent\": 3, \"lr\": 1, \"latent\": 3}", ": \"latent\": is there twice; leave one out", 2},
    {"{\"record\": {}, \"record\": {}}", ": \"record\": is there twice", 2},
    // values
    {"{\"latent\": 0}", ": \"latent\": 0: expected a whole number from 1 to 4096 (see vkvae help train)",
     2},
    {"{\"latent\": 1.5}", ": \"latent\": 1.5: expected a whole number from 1 to 4096", 2},
    {"{\"latent\": -1}", ": \"latent\": -1: expected", 2},
    {"{\"latent\": 4294967297}", ": \"latent\": 4294967297: expected", 2},
    {"{\"latent\": 1e300}", ": \"latent\": 1e+300: expected", 2},
    {"{\"latent\": 1e999}", ": \"latent\": ", 2},
    {"{\"latent\": null}", ": \"latent\": null: expected a whole number", 2},
    {"{\"latent\": true}", ": \"latent\": true: expected", 2},
    {"{\"latent\": [3]}", ": \"latent\": [3]: expected", 2},
    {"{\"latent\": {\"a\": 3}}", ": \"latent\": {\"a\":3}: expected", 2},
    {"{\"latent\": \"\"}", ": \"latent\": '': expected", 2},
    {"{\"lr\": \"fast\"}", ": \"lr\": fast: expected a number from 1e-30 to 100", 2},
    {"{\"lr\": 0}", ": \"lr\": 0: expected a number", 2},
    {"{\"seed\": 9007199254740992}",
     ": \"seed\": 9007199254740992 may have lost digits, as numbers from 2^53 on do in JSON; write it "
     "in quotes (see",
     2},
    {"{\"seed\": \"18446744073709551616\"}", ": \"seed\": 18446744073709551616: expected", 2},
    {"{\"seed\": -3}", ": \"seed\": -3: expected a whole number", 2},
    {"{\"hidden\": []}", ": \"hidden\": '': expected whole numbers", 2},
    {"{\"hidden\": [3, \"4\"]}", ": \"hidden\": [3,\"4\"]: expected whole numbers", 2},
    {"{\"hidden\": [3, 0]}", ": \"hidden\": 3,0: expected whole numbers from 1 to 65536", 2},
    {"{\"hidden\": [1,2,3,4,5,6,7,8,9]}", ": \"hidden\": 1,2,3,4,5,6,7,8,9: expected", 2},
    {"{\"hidden\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}", ": expected whole numbers",
     2},
    {"{\"hidden\": [1e300, 1e300, 1e300]}", ": expected whole numbers", 2},
    {"{\"activation\": \"tahn\"}", ": \"activation\": tahn: expected relu, leaky-relu,", 2},
    {"{\"activation\": 3}", ": \"activation\": 3: expected relu, ", 2},
    {"{\"size\": 28}", ": \"size\": 28: expected HEIGHTxWIDTH", 2},
    {"{\"range\": [3, 1]}", ": \"range\": 3,1: expected two numbers with a comma between", 2},
    {"{\"range\": 3}", ": \"range\": 3: expected two numbers", 2},
    {"{\"range\": [1]}", ": \"range\": 1: expected two numbers", 2},
    {"{\"range\": \"1,2,3\"}", ": \"range\": 1,2,3: expected two numbers", 2},
    {"{\"data-memory\": \"3T\"}", ": \"data-memory\": 3T: expected a number of bytes", 2},
    {"{\"data-memory\": \"M\"}", ": \"data-memory\": M: expected a number of bytes", 2},
    {"{\"data-memory\": \"18014398509481984K\"}", ": expected a number of bytes", 2},
    {"{\"data-memory\": 0}", ": \"data-memory\": 0: expected a number of bytes", 2},
    {"{\"data\": 3}", ": \"data\": 3: expected a text in quotes", 2},
    {"{\"data\": \"\"}", ": \"data\": is empty", 2},
    {"{\"profile\": 3}", ": \"profile\": 3: expected true, false or a file's name", 2},
    {"{\"profile\": \"\"}", ": \"profile\": is empty", 2},
    {"{\"force\": 1}", ": \"force\": 1: expected true or false", 2},
    {"{\"force\": \"true\"}", ": \"force\": \"true\": expected true or false", 2},
};

static void wrong_files_are_one_line(void **state) {
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char start[PATH_ROOM + 32];
        write_config(state, wrong[i].text);
        run_with(state, "train", "--out x");
        (void)snprintf(start, sizeof start, "vkvae train: %s: ", path_of(*state, "c.json"));
        if (program.code != wrong[i].code)
            fail_msg("%s: exit code %d: %s", wrong[i].text, program.code, program.err);
        assert_memory_equal(program.err, start, strlen(start));
        assert_has(program.err, wrong[i].message);
        assert_int_equal(count_lines(program.err), 1);
        assert_string_equal(program.out, "");
    }
    // What is wrong there is told also where the command line says otherwise.
    write_config(state, "{\"latent\": 0}");
    run_with(state, "train --latent 4", "");
    assert_int_equal(program.code, 2);
}

static void file_that_cannot_be_read_is_bad_data(void **state) {
    static const struct {
        const char *path, *message;
    } files[] = {
        {"no/such/file.json", "no/such/file.json: cannot be opened (No such file or directory); check "
                              "the path, and who may read it\n"},
        {"/", "/: cannot be read (Is a directory); name another file\n"},
        {"/dev/zero", "/dev/zero: has more than 1 MiB, and so is no configuration; name another file\n"},
        {"/dev/null", "/dev/null: line 1, column 1: no valid JSON near here; mend it\n"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char call[128];
        (void)snprintf(call, sizeof call, "train --config %s", files[i].path);
        run_program(&program, *state, call);
        assert_int_equal(program.code, 4);
        assert_has(program.err, files[i].message);
        assert_int_equal(count_lines(program.err), 1);
    }
}

static void bytes_behind_a_zero_are_not_overlooked(void **state) {
    static const struct {
        const char *bytes, *message;
        size_t size;
    } files[] = {{"{}\0{\"latent\": 3}", "line 1, column 4: no valid JSON", 16},
                 {"{}\0\0", "line 1, column 3: no valid JSON", 4}};
    for (size_t i = 0; i < 2; i++) {
        FILE *file = fopen(path_of(*state, "c.json"), "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(files[i].bytes, 1, files[i].size, file), files[i].size);
        assert_int_equal(fclose(file), 0);
        run_with(state, "train", "--out x");
        assert_int_equal(program.code, 4);
        assert_has(program.err, files[i].message);
    }
}

static void what_a_run_has_settled_is_refused_with_its_key(void **state) {
    write_config(state, "{\"epochs\": 3, \"hidden\": 7}");
    run_with(state, "train --resume r", "");
    assert_int_equal(program.code, 2);
    assert_has(program.err, "c.json: \"hidden\": fixed by the run in r; leave it out (see");
    assert_reaches(state, "{\"epochs\": 3, \"resume\": \"r\", \"device\": \"1\"}", "train", "",
                   "epochs=3 ");
    assert_has(program.err, "resume=r device=1 ");
}

static void help_goes_before_a_wrong_file(void **state) {
    write_config(state, "{");
    run_with(state, "train", "--help");
    assert_int_equal(program.code, 0);
    assert_has(program.out, "Usage: vkvae train");
}

int main(void) {
    (void)reset_environment(NULL);
    program.path = fake_path();
    const struct CMUnitTest tests[] = {
        FAKE_TEST(every_kind_of_value_reaches_the_library),
        FAKE_TEST(profile_is_true_false_or_a_file),
        FAKE_TEST(options_of_the_file_that_clash_give_way_to_those_typed),
        FAKE_TEST(another_set_or_model_takes_the_place_of_the_files),
        FAKE_TEST(real_numbers_arrive_to_the_last_bit),
        FAKE_TEST(command_line_goes_before_the_file_and_the_file_before_the_variable),
        FAKE_TEST(run_is_repeated_as_its_record_has_it),
        FAKE_TEST(recorded_tuning_is_kept_unless_others_are_asked_for),
        FAKE_TEST(wrong_files_are_one_line),
        FAKE_TEST(file_that_cannot_be_read_is_bad_data),
        FAKE_TEST(bytes_behind_a_zero_are_not_overlooked),
        FAKE_TEST(what_a_run_has_settled_is_refused_with_its_key),
        FAKE_TEST(help_goes_before_a_wrong_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
