"""What a file says of whom it is about, and that it is being carried out."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="file",
            name="begun",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="refusal",
            name="file",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="refusals", to="desk.file"
            ),
        ),
        migrations.CreateModel(
            name="Name",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.BinaryField(max_length=32)),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="desk.file",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("hash", "file"), name="desk_name_once")],
            },
        ),
    ]
