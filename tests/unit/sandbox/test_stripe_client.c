/* The official `stripe` package (tests/contract/stripe) against our verifier and our sandbox, run
 * by node. Skipped where the package is not installed. */
#include "support.h"

#include "effects/stripe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

static char folder[512], node[512];

static int find_package(void **state)
{
    const char *top = getenv("ONSALE_TOP");
    char path[600];
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/tests/contract/stripe", top ? top : ".");
    (void)snprintf(node, sizeof node, "%s/tools/node", top ? top : ".");
    (void)snprintf(path, sizeof path, "%s/node_modules/stripe/package.json", folder);
    if (access(path, R_OK) != 0 || access(node, X_OK) != 0)
        folder[0] = '\0';
    return 0;
}

static void need_package(void)
{
    if (folder[0])
        return;
    print_message("skipped: npm ci in tests/contract/stripe installs the official client\n");
    skip();
}

static bool accepted(const char *secret, const char *header, struct slice body, uint64_t now_s)
{
    const char *const secrets[] = {"whsec_being_rotated_in", secret};
    return stripe_signature_valid(&(struct stripe_signature){.header = slice_from_string(header),
                                                             .body = body,
                                                             .secrets = secrets,
                                                             .secret_count = 2,
                                                             .now_s = now_s});
}

static void check_signed(const json_t *line)
{
    const char *secret = json_string_value(json_object_get(line, "secret"));
    const char *header = json_string_value(json_object_get(line, "header"));
    struct slice body = slice_from_string(json_string_value(json_object_get(line, "payload")));
    uint64_t stamp = (uint64_t)json_integer_value(json_object_get(line, "timestamp"));
    struct stripe_event event;
    struct err err;
    assert_true(accepted(secret, header, body, stamp));
    assert_true(accepted(secret, header, body, stamp + 300));
    assert_false(accepted(secret, header, body, stamp + 301));
    assert_false(accepted("whsec_wrong", header, body, stamp));
    assert_int_equal(stripe_event_read(body, &event, &err), 0);
    char *changed = malloc(body.len);
    for (size_t bit = 0; bit < body.len * 8; bit++) {
        memcpy(changed, body.data, body.len);
        changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << (bit % 8)));
        assert_false(accepted(secret, header, slice_make(changed, body.len), stamp));
    }
    free(changed);
}

static void what_the_official_package_signs_is_accepted_and_any_change_refused(void **state)
{
    char command[1200], line[4096];
    int count = 0;
    (void)state;
    need_package();
    (void)snprintf(command, sizeof command, "'%s' '%s/sign.mjs'", node, folder);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    while (fgets(line, sizeof line, out)) {
        json_t *root = json_loads(line, 0, NULL);
        assert_non_null(root);
        check_signed(root);
        json_decref(root);
        count++;
    }
    assert_int_equal(pclose(out), 0);
    assert_int_equal(count, 6);
}

static void the_official_client_is_content_with_the_sandbox(void **state)
{
    struct rig rig;
    char command[1400];
    (void)state;
    need_package();
    rig_start(&rig, false);
    (void)snprintf(command, sizeof command, "'%s' '%s/client.mjs' %s %s %s >&2", node, folder,
                   rig.base, SECRET_KEY, PUBLISHABLE_KEY);
    int status = system(command);
    rig_stop(&rig);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A port that nobody listens on at the moment. */
static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s >= 0);
    assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&at, &len), 0);
    close(s);
    return ntohs(at.sin_port);
}

static void the_official_client_is_content_with_refunds_disputes_and_webhooks(void **state)
{
    struct rig rig;
    char command[1400];
    uint16_t port = free_port();
    (void)state;
    need_package();
    rig_start(&rig, false);
    (void)snprintf(rig.hook, sizeof rig.hook, "http://127.0.0.1:%u/hook", port);
    rig_restart(&rig);
    (void)snprintf(command, sizeof command, "'%s' '%s/money.mjs' %s %s %s %u %s >&2", node, folder,
                   rig.base, SECRET_KEY, PUBLISHABLE_KEY, port, WEBHOOK_SECRET);
    int status = system(command);
    rig_stop(&rig);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_official_package_signs_is_accepted_and_any_change_refused),
        cmocka_unit_test(the_official_client_is_content_with_the_sandbox),
        cmocka_unit_test(the_official_client_is_content_with_refunds_disputes_and_webhooks),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, find_package, NULL);
    curl_global_cleanup();
    return failed;
}
