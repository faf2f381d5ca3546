from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("capacity", "0004_feeds")]

    operations = []
