from django.db import migrations

# The very expressions of selectors/search.py: PostgreSQL finds an index by them.
MESSAGE_WORDS = (
    "to_tsvector('pg_catalog.russian', translate(body, '\u0451\u0401<>/-', '\u0435\u0415    '))"
    " || to_tsvector('pg_catalog.simple', translate(body, '\u0451\u0401<>/-', '\u0435\u0415    '))"
)
CONTACT_WORDS = (
    "to_tsvector('pg_catalog.simple', translate(name, '\u0451\u0401<>/-', '\u0435\u0415    ')"
    " || ' ' || translate(email, '@.+-_', '     ')"
    " || ' ' || regexp_replace(phone, '[^0-9]', '', 'g')"
    " || ' ' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 10)"
    " || ' ' || reverse(regexp_replace(phone, '[^0-9]', '', 'g')))"
)


class Migration(migrations.Migration):
    dependencies = [
        ("django_messenger", "0002_widget"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX dm_message_words ON django_messenger_message USING gin (({MESSAGE_WORDS}))"
            " WHERE removed_at IS NULL AND quarantined_at IS NULL",
            reverse_sql="DROP INDEX dm_message_words",
        ),
        migrations.RunSQL(
            f"CREATE INDEX dm_contact_words ON django_messenger_contact USING gin (({CONTACT_WORDS}))",
            reverse_sql="DROP INDEX dm_contact_words",
        ),
    ]
